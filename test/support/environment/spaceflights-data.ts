/** The raw tables of the spaceflights project: the same in every run, small enough for a pipeline of seconds. */
const companyCount = 40;
const shuttleCount = 160;

type Row = readonly (string | number)[];

/** Numbers from 0 to 1 that are the same in every run (the generator of Numerical Recipes). */
function repeatableNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** File name and content of each table, with the quirks of the tutorial's: "87%", "t" and "f", "$1,325.0", gaps. */
export function spaceflightsTables(): Record<string, string> {
  const random = repeatableNumbers(20);
  const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const flag = (): string => (random() < 0.6 ? 't' : 'f');

  const companies: Row[] = [];
  for (let id = 1; id <= companyCount; id++) {
    // One company in ten has no rating yet.
    companies.push([id, random() < 0.1 ? '' : `${between(50, 100)}%`, between(1, 9), flag()]);
  }
  const shuttles: Row[] = [];
  const reviews: Row[] = [];
  for (let id = 1; id <= shuttleCount; id++) {
    const [engines, passengers, crew, score] = [between(1, 6), between(2, 20), between(1, 10), between(60, 100)];
    const [checked, cleared] = [flag(), flag()];
    const price = 900 + 250 * engines + 90 * passengers + 12 * score + (checked === 't' ? 150 : 0) + between(-80, 80);
    const shownPrice = `"$${price.toLocaleString('en-US')}.0"`;
    shuttles.push([
      id,
      `Type V${between(1, 5)}`,
      engines,
      passengers,
      crew,
      checked,
      cleared,
      shownPrice,
      between(1, companyCount),
    ]);
    reviews.push([id, score, between(1, 60)]);
  }
  return {
    'companies.csv': table('id,company_rating,total_fleet_count,iata_approved', companies),
    'shuttles.csv': table(
      'id,shuttle_type,engines,passenger_capacity,crew,d_check_complete,moon_clearance_complete,price,company_id',
      shuttles,
    ),
    'reviews.csv': table('shuttle_id,review_scores_rating,number_of_reviews', reviews),
  };
}

function table(header: string, rows: readonly Row[]): string {
  return `${[header, ...rows.map((row) => row.join(','))].join('\n')}\n`;
}
