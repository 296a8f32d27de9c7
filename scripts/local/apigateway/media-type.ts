/** `application/json` of `Application/JSON; charset=utf-8`. */
export function readMediaType(header: string): string {
  return (header.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/** Whether a media type is one of an API's binary types, of which a side of the slash may be `*`. */
export function isBinaryType(mediaType: string, binaryMediaTypes: readonly string[]): boolean {
  const [type, subtype] = mediaType.split("/");
  return binaryMediaTypes.some((binary) => {
    const [binaryType, binarySubtype] = binary.toLowerCase().split("/");
    return (
      (binaryType === "*" || binaryType === type) && (binarySubtype === "*" || binarySubtype === subtype)
    );
  });
}
