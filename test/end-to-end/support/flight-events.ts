/** A made departure that the flight-delay model predicts on. */
export function departure(flight: string, changes: Readonly<Record<string, unknown>> = {}) {
  return {
    type: "departure",
    flight,
    departs: "2001-01-31T06:44:00Z",
    origin: "ORD",
    destination: "MCO",
    distance: 1005,
    ...changes,
  };
}
