/** Version of this release; a test holds it equal to package.json's. */
export const releaseVersion = "0.1.0";
