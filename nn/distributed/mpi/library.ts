/**
 * The MPI of this machine: which library it is, its functions and its constants.
 *
 * Handles (communicators, types, operations, requests) are pointers in OpenMPI and whole numbers in MPICH and what has
 * its binary interface (Intel MPI, MVAPICH, Cray MPI). MPI's numbers for Fortran are fixed in both, so that no header is
 * needed: OpenMPI turns them into its handles, in MPICH they are the handles.
 *
 * @module
 */

/** A handle of MPI. */
export type Handle = Deno.PointerValue | number;
/** Any function of MPI, which returns an error code or, of the conversions, a handle. */
export type MpiFunction = (...args: (Handle | Int32Array | Uint8Array)[]) => Handle;

/** The constants that we use. */
export interface Constants {
  readonly world: Handle;
  readonly byte: Handle;
  readonly float32: Handle;
  readonly float64: Handle;
  readonly int32: Handle;
  readonly sum: Handle;
  readonly max: Handle;
  readonly min: Handle;
  readonly errorsReturn: Handle;
  /** What stands for a status that nobody wants. */
  readonly ignore: Deno.PointerValue;
}

/** An MPI that was opened. */
export interface Mpi {
  /** What the library calls itself, such as `Open MPI v4.1.4`. */
  readonly version: string;
  /** The file that was opened. */
  readonly path: string;
  readonly functions: Readonly<Record<keyof typeof SHAPES, MpiFunction>>;
  /** Once MPI has been initialised: OpenMPI does not tell its handles before. */
  readonly constants: Constants;
}

/** What mpirun, or Slurm, said of this process in its environment. */
export interface Launched {
  /** How many processes it started; undefined where it does not say. */
  readonly size?: number;
  /** Which MPI's launcher it was; undefined where either may have been. */
  readonly kind?: Kind;
}

type Kind = "openmpi" | "mpich";

/** Where the libraries are called what they are called, by the launcher; the first that opens is taken. */
const NAMES: Record<Kind, Record<string, readonly string[]>> = {
  openmpi: {
    linux: ["libmpi.so.40", "libmpi.so.20", "libmpi.so"],
    darwin: ["/opt/homebrew/lib/libmpi.40.dylib", "/usr/local/lib/libmpi.40.dylib", "libmpi.dylib"],
  },
  mpich: {
    linux: ["libmpich.so.12", "libmpi.so.12", "libmpich.so", "libmpi_cray.so.12", "libmpi.so"],
    darwin: ["/opt/homebrew/lib/libmpi.12.dylib", "/usr/local/lib/libmpi.12.dylib", "libmpich.dylib"],
  },
};

/** Parameters of the functions: `handle` is a pointer or a number; all but the conversions return an error code. */
const SHAPES = {
  MPI_Init_thread: ["pointer", "pointer", "i32", "buffer"],
  MPI_Comm_rank: ["handle", "buffer"],
  MPI_Comm_size: ["handle", "buffer"],
  MPI_Comm_dup: ["handle", "buffer"],
  MPI_Comm_set_errhandler: ["handle", "handle"],
  MPI_Type_size: ["handle", "buffer"],
  MPI_Ialltoall: ["buffer", "i32", "handle", "buffer", "i32", "handle", "handle", "buffer"],
  MPI_Iallgather: ["buffer", "i32", "handle", "buffer", "i32", "handle", "handle", "buffer"],
  MPI_Iallreduce: ["buffer", "buffer", "i32", "handle", "handle", "handle", "buffer"],
  MPI_Ibcast: ["buffer", "i32", "handle", "i32", "handle", "buffer"],
  MPI_Ibarrier: ["handle", "buffer"],
  MPI_Isend: ["buffer", "i32", "handle", "i32", "i32", "handle", "buffer"],
  MPI_Irecv: ["buffer", "i32", "handle", "i32", "i32", "handle", "buffer"],
  MPI_Test: ["buffer", "buffer", "pointer"],
  MPI_Error_string: ["i32", "buffer", "buffer"],
  MPI_Abort: ["handle", "i32"],
  MPI_Finalize: [],
} as const;

const CONVERSIONS = ["MPI_Comm_f2c", "MPI_Type_f2c", "MPI_Op_f2c", "MPI_Errhandler_f2c"] as const;

/** MPICH's handles; they are fixed by its binary interface. */
const MPICH: Omit<Constants, "ignore"> = {
  world: 0x44000000,
  byte: 0x4c00010d,
  float32: 0x4c00040a,
  float64: 0x4c00080b,
  int32: 0x4c000405,
  sum: 0x58000003,
  max: 0x58000001,
  min: 0x58000002,
  errorsReturn: 0x54000001,
};

/**
 * What a launcher put into the environment of this process; null where none started it.
 *
 * @param env Reads a variable.
 */
export function launched(env: (name: string) => string | undefined): Launched | null {
  const size = (name: string) => env(name) === undefined ? undefined : Number(env(name));
  if (env("OMPI_COMM_WORLD_SIZE") !== undefined) {
    return { size: size("OMPI_COMM_WORLD_SIZE"), kind: "openmpi" };
  }
  if (env("PMI_RANK") !== undefined) return { size: size("PMI_SIZE") ?? size("SLURM_NTASKS"), kind: "mpich" };
  if (env("PMIX_RANK") !== undefined) return { size: size("SLURM_NTASKS") }; // srun --mpi=pmix, prterun
  return null;
}

/**
 * Opens the library.
 *
 * @param named The file, where the user names one.
 * @param kind Which MPI's launcher started the process.
 * @throws {Error} If there is none, or it is none of these.
 */
export function openMpi(named: string | undefined, kind: Kind | undefined): Mpi {
  const kinds: readonly Kind[] = kind ? [kind] : ["openmpi", "mpich"];
  const paths = named ? [named] : kinds.flatMap((each) => NAMES[each][Deno.build.os] ?? []);
  let problem: unknown;
  for (const path of paths) {
    try {
      return open(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) {
        throw new Error(
          `Cannot use MPI as calling a library takes Deno's permission: --allow-ffi, or -P=distributed with Plunge's deno.json`,
          { cause: error },
        );
      }
      problem = error;
    }
  }
  throw new Error(
    `Cannot use MPI as its library must be there: ${
      paths.join(", ") || "no name is known for this system"
    } (${
      problem instanceof Error ? problem.message.split("\n")[0] : problem
    }); PLUNGE_MPI names another file`,
    { cause: problem },
  );
}

function open(path: string): Mpi {
  const probe = Deno.dlopen(path, {
    MPI_Get_library_version: { parameters: ["buffer", "buffer"], result: "i32" },
  });
  const text = new Uint8Array(8192), length = new Int32Array(1);
  probe.symbols.MPI_Get_library_version(text, length);
  const version = new TextDecoder().decode(text.subarray(0, length[0])).replaceAll("\0", "");
  const isOpenMpi = /open mpi/i.test(version), handle = isOpenMpi ? "pointer" : "i32";
  const native = (type: string) => (type === "handle" ? handle : type) as Deno.NativeType;
  const shapes: Record<string, Deno.ForeignFunction> = {};
  for (const [name, parameters] of Object.entries(SHAPES)) {
    shapes[name] = { parameters: parameters.map(native), result: "i32" };
  }
  if (isOpenMpi) {
    for (const name of CONVERSIONS) {
      shapes[name] = { parameters: ["i32"], result: "pointer" };
    }
  }
  const functions = Deno.dlopen(path, shapes).symbols as unknown as
    & Record<keyof typeof SHAPES, MpiFunction>
    & Record<typeof CONVERSIONS[number], (number: number) => Handle>;
  const ignore = isOpenMpi ? null : Deno.UnsafePointer.create(1n);
  let constants: Constants | undefined;
  return {
    version: nameOf(version),
    path,
    functions,
    get constants() {
      return constants ??= { ...(isOpenMpi ? openMpiConstants(functions) : MPICH), ignore };
    },
  };
}

/** The name and the number of a version, such as `Open MPI v4.1.4` or `MPICH 4.0.2`. */
function nameOf(version: string): string {
  return version.split(/[,\n]/)[0].replace(/ Version:\s*/, " ").trim();
}

/** OpenMPI's handles, by their numbers in Fortran (`mpif-constants.h`). */
function openMpiConstants(
  { MPI_Comm_f2c, MPI_Type_f2c, MPI_Op_f2c, MPI_Errhandler_f2c }: Record<
    typeof CONVERSIONS[number],
    (number: number) => Handle
  >,
): Omit<Constants, "ignore"> {
  return {
    world: MPI_Comm_f2c(0),
    byte: MPI_Type_f2c(1),
    float32: MPI_Type_f2c(13),
    float64: MPI_Type_f2c(17),
    int32: MPI_Type_f2c(7),
    sum: MPI_Op_f2c(3),
    max: MPI_Op_f2c(1),
    min: MPI_Op_f2c(2),
    errorsReturn: MPI_Errhandler_f2c(2),
  };
}
