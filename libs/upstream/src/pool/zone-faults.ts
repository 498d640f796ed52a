interface Fault {
  readonly path: (string | number)[];
  readonly message: string;
  readonly expected: string;
}

/** Services that prefer a zone, where nobody said in which one the gateway stands. */
export function zoneFaults(services: Readonly<Record<string, { readonly zone: string }>>, zone?: string): Fault[] {
  if (zone !== undefined) return [];
  return Object.entries(services)
    .filter(([, service]) => service.zone === "prefer")
    .map(([name]) => ({
      path: ["services", name, "zone"],
      message: "this gateway does not know its own zone",
      expected: "routing.zone",
    }));
}
