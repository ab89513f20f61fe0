/** Bytes that are on their way, of all tenants and of each: so none fills the memory. */
export class InFlight {
  private readonly byTenant = new Map<string, number>();
  private bytes = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly maxTenantBytes: number,
  ) {}

  /** Counts what has come; false, and nothing is counted, where that is too much. */
  take(tenant: string, bytes: number): boolean {
    const own = (this.byTenant.get(tenant) ?? 0) + bytes;
    if (own > this.maxTenantBytes || this.bytes + bytes > this.maxBytes) return false;
    this.byTenant.set(tenant, own);
    this.bytes += bytes;
    return true;
  }

  /** What was counted is kept elsewhere, or thrown away. */
  give(tenant: string, bytes: number): void {
    const own = (this.byTenant.get(tenant) ?? 0) - bytes;
    if (own > 0) this.byTenant.set(tenant, own);
    else this.byTenant.delete(tenant);
    this.bytes -= bytes;
  }
}
