// The script of the function's worker threads: bundled beside the handler, as thread.js.
import "../adapters/threads/tree-search-thread.ts";
