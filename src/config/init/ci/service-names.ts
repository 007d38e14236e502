/** What `--ci` takes; apart from the services themselves, so that listing the names loads none of them. */
export const CI_SERVICE_NAMES = ['github', 'gitlab', 'cloudbuild'] as const;
export type CiServiceName = (typeof CI_SERVICE_NAMES)[number];
