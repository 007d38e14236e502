import * as z from 'zod/mini';
import { field, judged, text, textThat } from '../fields.js';
import { airflowIdFlaw } from './names.js';
import { engineAddressFlaw, extraHostFlaw, hostNameFlaw, memoryFlaw, mountFlaw } from './docker.js';

/** The keys of run_config.docker, which are for the target docker. */
export const DOCKER_FIELDS = {
  url: field(textThat(engineAddressFlaw), "The address of the Docker Engine; empty: that of Airflow's machine", {
    examples: ['unix:///var/run/docker.sock', 'tcp://docker.example.com:2376'],
  }),
  connection_id: field(textThat(airflowIdFlaw), 'The Airflow connection with the login to the registry'),
  network_mode: field(text(), "The containers' network: a network's name, host, bridge or none"),
  mounts: field(
    z.array(textThat(mountFlaw)),
    "SOURCE:TARGET or SOURCE:TARGET:ro; SOURCE is an absolute path on the engine's machine, or the name of a volume",
    { examples: [['/srv/flights:/home/kedro_docker/data', 'models:/models:ro']] },
  ),
  cpus: field(z.number({ error: 'must be a number of CPUs' }).check(z.positive()), 'CPUs that a container may use', {
    examples: [0.5],
  }),
  memory: field(
    z
      .union([z.int(), z.string()], { error: 'must be a number of bytes, or a string such as 512m or 2g' })
      .check(judged<number | string>(memoryFlaw)),
    'Memory that a container may use: bytes, or 512m, 2g',
  ),
  user: field(text(), 'The user of the containers, in quotes: "1000" or "1000:0"'),
  extra_hosts: field(
    z.record(z.string().check(judged(hostNameFlaw)), textThat(extraHostFlaw)),
    'Host names and their addresses, for /etc/hosts',
    { examples: [{ 'mlflow.internal': '10.0.0.7' }] },
  ),
};
