/**
 * The kernels behind sparse products, projected columns and line integrals, on one shared memory.
 * Every argument that names data is a byte offset into that memory. Two implementations run the
 * same spec and give the same bits: plain TypeScript (`referenceProducts`, `referenceMoves`,
 * `referenceTileProducts`, `referenceColumns`, `referencePathIntegrals`) and WebAssembly SIMD
 * (`kernels/backends`).
 */
export interface Kernels {
  /** y += A[:, from..to) x; x float64[columns], y float32[rows + padding]. */
  multiply(block: number, from: number, to: number, x: number, y: number): void;
  /** The same for four vectors: x_k begin `xStride` bytes apart, y_k `yStride` bytes. */
  multiply4(
    block: number,
    from: number,
    to: number,
    x: number,
    xStride: number,
    y: number,
    yStride: number,
  ): void;
  /** y += delta A[:, column]: the bits of `multiply` with x[column] = delta. */
  addColumn(block: number, column: number, delta: number, y: number): void;
  /** y += delta A[:, column] for quad columns (see quad-columns.ts). */
  addQuads(quads: number, column: number, delta: number, y: number): void;
  /** Looks along a column as far as `reach` to both sides; see column-moves.ts for the line. */
  lineQuads(
    quads: number,
    column: number,
    reach: number,
    y: number,
    costs: number,
    line: number,
  ): void;
  /**
   * What `costs` (see row-costs.ts) would change by if step A[:, column] were added to y, of which
   * `line` was made for that column and a reach of |step| or more.
   */
  linePrice(
    quads: number,
    column: number,
    step: number,
    y: number,
    costs: number,
    line: number,
  ): number;
  /** y += factor x, float64[count]; an odd count needs room for one more. */
  addScaled(count: number, factor: number, x: number, y: number): void;
  /** What the first `rows` rows of y cost. */
  rowCost(rows: number, y: number, costs: number): number;
  /** out[j] = A[:, j] . v for from <= j < to; v float32[rows + padding], out float64[columns]. */
  multiplyTransposed(block: number, from: number, to: number, v: number, out: number): void;
  /** The same for four vectors. */
  multiplyTransposed4(
    block: number,
    from: number,
    to: number,
    v: number,
    vStride: number,
    out: number,
    outStride: number,
  ): void;
  /** out[r] = sum over 16 lanes of parts[lane][r], r from..to in fours, in float64, fixed order. */
  sumLanes(parts: number, stride: number, from: number, to: number, out: number): void;
  /** y += A z with tiles; z float64[columns + 1], its last 0; y float32[rows]. See tiles.ts. */
  multiplyTiles(tiles: number, z: number, y: number): void;
  /**
   * Cost and gradient of a matrix whose columns are in `count` parts, in one pass over them: the
   * rows of sum A_p z_p cost what `costs` says. Each part: u32[4] offsets of tiles, z_p (as above),
   * out_p (float64[columns + 1], the gradient's part), 0. y float32[whole blocks of rows].
   */
  costOfTiles(parts: number, count: number, rows: number, y: number, costs: number): number;
  /** out = A^T v of the tiles' columns; v float32[rows], out float64[columns + 1]. */
  multiplyTilesTransposed(tiles: number, v: number, out: number): void;
  /** out = (A o A)^T v, values squared: the diagonal of A^T diag(v) A. */
  multiplySquaredTilesTransposed(tiles: number, v: number, out: number): void;
  /**
   * gram += (S A)^T (S A), its lower triangle in blocks of 16 by 16, where S = diag(scale) and the
   * columns of A are in `count` parts. Each part: u32[4] offset of tiles, offset of u32[tiles]: the
   * number of a tile's first column in `gram`, 0, and from which number on tiles are smooth: their
   * products are those of means of four rows. These numbers are multiples of 16, the same for
   * tiles of the same columns, and ascend from tile to tile and part to part in each block of rows.
   * `scale` float32[whole blocks of rows], scratch as `gramScratchBytes` says, gram float32 by rows
   * `stride` bytes apart.
   */
  gramOfTiles(
    parts: number,
    count: number,
    rows: number,
    scale: number,
    scratch: number,
    gram: number,
    stride: number,
  ): void;
  /** y = C x, C as in symmetric.ts, its rows `stride` bytes apart; x and y float32. */
  multiplySymmetric(matrix: number, stride: number, size: number, x: number, y: number): void;
  /**
   * roots, float32, and out = R and C (see symmetric.ts) of a matrix of which the lower triangle is
   * there, float32 by rows `stride` bytes apart, with room to the end of the vector of eight that
   * the last entry is in. The same room behind the roots.
   */
  packSymmetric(
    matrix: number,
    stride: number,
    size: number,
    roots: number,
    out: number,
    outStride: number,
  ): void;
  /** out = what `count` variables, uint32 and ascending, have among each other in such a C. */
  pickSymmetric(
    matrix: number,
    stride: number,
    variables: number,
    count: number,
    out: number,
    outStride: number,
  ): void;
  /** See projected-columns.ts for the five below. */
  findRuns(
    forms: number,
    cutoffSquared: number,
    lines: number,
    lineCount: number,
    prefix: number,
    nx: number,
    runs: number,
  ): number;
  columnValues(
    forms: number,
    runs: number,
    runCount: number,
    xIndex: number,
    coefficients: number,
    table: number,
    n: number,
    nodesPerUnit: number,
    tableCentre: number,
    out: number,
  ): number;
  quantise(values: number, quads: number, factor: number, out: number): number;
  addRuns(runs: number, runCount: number, values: number, y: number): void;
  addTable(
    table: number,
    n: number,
    radius: number,
    weight: number,
    out: number,
    outN: number,
    u: number,
    v: number,
  ): void;
  /** Rows convolved with a profile, see grid/convolve-rows.ts. */
  convolveRows(
    image: number,
    rows: number,
    width: number,
    taps: number,
    count: number,
    out: number,
  ): void;
  /**
   * Line integrals from one source, see grid/path-integral.ts: grid float64[9] (size, spacing,
   * origin), densities float32, source float64[3], ends float64[3 * count], out float32[count].
   */
  pathIntegrals(
    grid: number,
    densities: number,
    source: number,
    ends: number,
    count: number,
    out: number,
  ): void;
}

/** Parallel sums are taken in this many lanes, whatever the number of threads. */
export const LANES = 16;
