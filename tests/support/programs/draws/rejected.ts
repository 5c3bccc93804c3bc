/** What a step throws whose result is no good. */
export class Rejected extends Error {}
