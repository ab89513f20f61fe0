import { RpcProblem } from '@isola/cluster/runtime';

/** When it makes sense to come again. */
const RETRY_MS = 1_000;

/** Bytes that are on their way, of all tenants and of each: so none fills the memory. */
export class InFlight {
  private readonly byTenant = new Map<string, number>();
  private bytes = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly maxTenantBytes: number,
  ) {}

  /**
   * Counts some more.
   * @throws RpcProblem where that is too much; then nothing is counted
   */
  take(tenant: string, bytes: number): void {
    const own = (this.byTenant.get(tenant) ?? 0) + bytes;
    if (own > this.maxTenantBytes || this.bytes + bytes > this.maxBytes) {
      throw new RpcProblem('RESOURCE_EXHAUSTED', 'too many blobs at a time', RETRY_MS);
    }
    this.byTenant.set(tenant, own);
    this.bytes += bytes;
  }

  /** What was counted is kept elsewhere, or thrown away. */
  give(tenant: string, bytes: number): void {
    const own = (this.byTenant.get(tenant) ?? 0) - bytes;
    if (own > 0) this.byTenant.set(tenant, own);
    else this.byTenant.delete(tenant);
    this.bytes -= bytes;
  }
}
