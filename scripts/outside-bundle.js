/**
 * The packages that dist/ loads from node_modules: they are large or read files of their own, and are loaded where a
 * server's answer takes longer.
 */
export const OUTSIDE = ['@grpc/grpc-js', '@grpc/proto-loader', 'google-auth-library', 'undici'];

/** What oclif and dockerode load at each start and call hardly ever, and the function that they call. */
export const LATE = {
  ejs: 'render',
  lilconfig: 'lilconfig',
  minimatch: 'minimatch',
  'tar-fs': 'pack',
  tinyglobby: 'glob',
};

/** Whose copies of those are loaded, and some files of whose own. */
export const LATE_USERS = ['@oclif/core', 'dockerode'];
