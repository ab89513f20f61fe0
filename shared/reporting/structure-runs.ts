/**
 * A structure as runs along x: first voxel and count, alternating. No run goes past the end of its
 * line, so that a run lies in one row of every plane.
 * @param voxels linear indices, ascending, without repeats
 */
export function structureRuns(voxels: Uint32Array, lineLength: number): Uint32Array {
  const runs: number[] = [];
  let expected = -1;
  for (const voxel of voxels) {
    if (voxel === expected && voxel % lineLength !== 0) runs[runs.length - 1]++;
    else runs.push(voxel, 1);
    expected = voxel + 1;
  }
  return Uint32Array.from(runs);
}
