import { assertEquals } from "@std/assert";
import { md5 } from "../../../data/checksums/md5.ts";

Deno.test("md5() gives the digests of RFC 1321's test suite", () => {
  const suite = {
    "": "d41d8cd98f00b204e9800998ecf8427e",
    "a": "0cc175b9c0f1b6a831c399e269772661",
    "abc": "900150983cd24fb0d6963f7d28e17f72",
    "message digest": "f96b697d7cb7938d525a2f31aaf161d0",
    "abcdefghijklmnopqrstuvwxyz": "c3fcd3d76192e4007dfb496cca67e13b",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789": "d174ab98d277d9f5a5611c2c9f419d9f",
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890":
      "57edf4a22be3c955ac49da2e2107b67a",
  };
  for (const [text, digest] of Object.entries(suite)) {
    assertEquals(md5(new TextEncoder().encode(text)), digest, text);
  }
});

Deno.test("md5() pads at the edges of a block, and takes a view that starts anywhere", () => {
  // of 55, 56, 63, 64 and 65 zero bytes, by md5sum
  const zeros = {
    55: "c9ea3314b91c9fd4e38f9432064fd1f2",
    56: "e3c4dd21a9171fd39d208efa09bf7883",
    63: "65cecfb980d72fde57d175d6ec1c3f64",
    64: "3b5d3c7d207e37dceeedd301e35e2e58",
    65: "1ef5e829303a139ce967440e0cdca10c",
  };
  for (const [size, digest] of Object.entries(zeros)) {
    const bytes = new Uint8Array(100).fill(1);
    bytes.fill(0, 3, 3 + Number(size));
    assertEquals(md5(bytes.subarray(3, 3 + Number(size))), digest, size);
  }
});
