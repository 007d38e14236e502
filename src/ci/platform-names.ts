/** What `--ci` takes; apart from the platforms themselves, so that listing the names loads none of them. */
export const PLATFORM_NAMES = ['github', 'gitlab', 'cloudbuild'] as const;
export type PlatformName = (typeof PLATFORM_NAMES)[number];
