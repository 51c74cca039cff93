/** What the list looked like when it was left for a site, so that coming back finds it so. */
export const listState = { query: "", scroll: 0 };
