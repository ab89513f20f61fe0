/** A beam's angles of a set, beam by beam. */
export interface AngleLists {
  readonly gantryDeg: readonly number[];
  readonly couchDeg: readonly number[];
  readonly collimatorDeg: readonly number[];
}

/** How a search for beam angles went, for files and reports. */
export interface SearchSummary {
  readonly method: 'beam-angles';
  /** Directions that could be chosen: clear of collisions. */
  readonly candidatesDeg: AngleLists;
  /** How many sets of beams were judged, and how. */
  readonly sets: {
    /** To the end of their fluence's optimisation. */
    readonly optimised: number;
    /** Given up before, as they could not come up to a better set. */
    readonly screened: number;
  };
  readonly best: {
    /** Cost on the search's clusters of voxels. */
    readonly value: number;
    readonly anglesDeg: AngleLists;
  };
  /** Lowest cost on all islands after each epoch, from the first. */
  readonly trace: readonly number[];
}
