/** The JSON files of a reference folder; only what is read, further keys are free. */
import { z } from 'zod';

/** The writer gives a list of one as the item itself, and an empty one as null. */
function list<T extends z.ZodType>(item: T) {
  const toArray = (value: unknown) =>
    value === null || value === undefined ? [] : Array.isArray(value) ? value : [value];
  return z.preprocess(toArray, z.array(item));
}

const fileName = z.string().regex(/^[^/\\]+$/, 'a file name without folders');
const count = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31);
const vector = z.array(z.number()).length(3);
const numbers = list(z.number());

const grid = z.object({
  dims_xyz: vector,
  spacing_mm: vector,
  origin_mm: vector,
  fullDims_xyz: vector,
  fullOrigin_mm: vector,
  cropOffset_xyz: vector,
});

const objective = z.object({
  class: z.string(),
  parameters_total: numbers,
  penalty: z.number(),
});

const structure = z.object({
  name: z.string().min(1),
  type: z.string(),
  priority: z.number(),
  file_ct: fileName,
  file_doseGrid: fileName,
  file_doseGrid_opt: fileName,
  nCt: count,
  nDoseGrid: count,
  nDoseGrid_opt: count,
  objectives: list(objective),
});

const optimization = z.object({
  variant: z.string(),
  mode: z.string(),
  status: z.number(),
  iterations: z.number(),
  objective: z.number(),
  objectiveAtStart: z.number(),
  file_w: fileName,
  file_dose: fileName,
});

export const metaSchema = z.object({
  case: z.string(),
  dij: z.object({ nnz: count, files: list(fileName) }),
  ct: grid.extend({ file_hu: fileName, file_red: fileName }),
  doseGrid: grid,
  structures: list(structure),
  numOfFractions: z.number().int().min(1),
  machine: z.object({ SAD: z.number().positive() }),
  bixelWidth_mm: z.number().positive(),
  doseCalc: z.object({
    geometricLateralCutOff_mm: z.number(),
    kernelCutOff_mm: z.number(),
    effectiveLateralCutOff_mm: z.number(),
    intConvResolution_mm: z.number(),
    penumbraFWHM_mm: z.number(),
    useCustomPrimaryPhotonFluence: z.coerce.boolean(),
    ignoreOutsideDensities: z.coerce.boolean(),
    ssdDensityThreshold: z.number(),
    enableDijSampling: z.coerce.boolean(),
  }),
  dose_w1: z.object({ file: fileName }).nullish(),
  optimization: list(optimization),
  objectiveChecks: list(
    z.object({ variant: z.string(), w: z.string(), f: z.number(), gradNorm2: z.number() }),
  ),
  constraintDefinitions: list(
    z.object({ structure: z.string(), class: z.string(), max_total_Gy: z.number() }),
  ),
});

export const beamsSchema = z.object({
  beams: list(
    z.object({
      gantry_deg: z.number(),
      couch_deg: z.number(),
      isocenter_mm: vector,
      firstColumn: count,
      rays_bev_x_mm: numbers,
      rays_bev_z_mm: numbers,
      ssd_mm: list(z.number().nullable()),
      kernelSSD_mm: z.number(),
    }),
  ),
});

export const bixelsSchema = z.object({
  bixels: list(z.object({ beam: count, ray: count, column: count, offset: count, count: count })),
});

export const bestKnownSchema = z.object({ f: z.number(), iterations: z.number() });

export type Meta = z.infer<typeof metaSchema>;
export type GridEntry = z.infer<typeof grid>;
export type StructureEntry = z.infer<typeof structure>;
