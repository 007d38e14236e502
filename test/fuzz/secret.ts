/** Stands in the samples; nobody may read it in a message. No name of a key, which a message may repeat. */
export const SECRET = 'hunter2+Zq7xKp93';
