/**
 * The file of a run's folder that keeps what its page last showed of the network's inside.
 *
 * @module
 */

/** The file's name. */
export const PICTURES_FILE = "pictures.json";
