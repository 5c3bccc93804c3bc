/**
 * The files of MNIST and Fashion-MNIST: names, mirrors, checksums.
 *
 * @module
 */
import type { ImageFiles } from "./_image_files.ts";

/** Fashion-MNIST, from the bucket of its authors and from that of Keras. */
export const FASHION_MNIST_FILES: ImageFiles = {
  dataset: "FashionMNIST",
  folder: "fashion-mnist",
  torchvision: "FashionMNIST",
  system: ["/usr/share/datasets/fashion-mnist"], // Debian's package dataset-fashion-mnist
  mirrors: [
    "https://fashion-mnist.s3.eu-central-1.amazonaws.com", // the authors' own address of it is without TLS
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
  ],
  train: {
    images: {
      name: "train-images-idx3-ubyte.gz",
      md5: "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
      sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
      unpackedSha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      unpackedBytes: 47_040_016,
    },
    labels: {
      name: "train-labels-idx1-ubyte.gz",
      md5: "25c81989df183df01b3e8a0aad5dffbe",
      sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
      unpackedSha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      unpackedBytes: 60_008,
    },
  },
  test: {
    images: {
      name: "t10k-images-idx3-ubyte.gz",
      md5: "bef4ecab320f06d8554ea6380940ec79",
      sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
      unpackedSha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      unpackedBytes: 7_840_016,
    },
    labels: {
      name: "t10k-labels-idx1-ubyte.gz",
      md5: "bb300cfdad3c16e7a12a480ee83cd310",
      sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
      unpackedSha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
      unpackedBytes: 10_008,
    },
  },
};

/** MNIST, from PyTorch's bucket and from that of the Common Visual Data Foundation. */
export const MNIST_FILES: ImageFiles = {
  dataset: "MNIST",
  folder: "mnist",
  torchvision: "MNIST",
  system: [],
  mirrors: [
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
  ],
  train: {
    images: {
      name: "train-images-idx3-ubyte.gz",
      md5: "f68b3c2dcbeaaa9fbdd348bbdeb94873",
      unpackedSha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      unpackedBytes: 47_040_016,
    },
    labels: {
      name: "train-labels-idx1-ubyte.gz",
      md5: "d53e105ee54ea40749a09fcbcd1e9432",
      unpackedSha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
      unpackedBytes: 60_008,
    },
  },
  test: {
    images: {
      name: "t10k-images-idx3-ubyte.gz",
      md5: "9fb629c4189551a2d022fa330f9573f3",
      unpackedSha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      unpackedBytes: 7_840_016,
    },
    labels: {
      name: "t10k-labels-idx1-ubyte.gz",
      md5: "ec29112dd5afa0611ce80d1b7f02629c",
      unpackedSha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
      unpackedBytes: 10_008,
    },
  },
};
