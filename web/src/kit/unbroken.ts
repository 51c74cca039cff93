/** The same text in which a number stays on the line of its unit: 2020 米, 12 km. */
export const unbroken = (text: string) => text.replace(/(\d) (?=[\u4e00-\u9fff]|k?m\b|min)/g, "$1\u00a0");
