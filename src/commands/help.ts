import { Flags, Help } from '@oclif/core';
import { BaseCommand } from '../ui/base-command.js';
import { unknownCommand } from '../ui/unknown-command.js';

export interface HelpResult {
  readonly text: string;
}

export default class HelpCommand extends BaseCommand<HelpResult> {
  static override summary = 'Show what a command does, and its flags.';

  static override usage = '<%= command.id %> [COMMAND] [FLAGS]';

  static override examples = ['<%= config.bin %> <%= command.id %> hook install'];

  static override strict = false;

  static override flags = {
    all: Flags.boolean({ char: 'a', aliases: ['nested-commands'], description: 'list the commands of all topics' }),
  };

  protected override readonly printsAsIs = true;

  async run(): Promise<HelpResult> {
    const { argv, flags } = await this.parse(HelpCommand);
    const words = argv.map(String);
    const { commandIDs, topics } = this.config;
    const prefixes = words.map((_, index) => words.slice(0, words.length - index).join(':'));
    const topic = topics.find(({ name }) => name === prefixes[0] && !commandIDs.includes(name));
    const id = prefixes.find((prefix) => commandIDs.includes(prefix));
    const command = topic !== undefined || id === undefined ? undefined : this.config.findCommand(id);
    if (words.length > 0 && topic === undefined && command === undefined) throw await unknownCommand(words, commandIDs);
    const lines: string[] = [];
    class Recorded extends Help {
      protected override log(...texts: string[]): void {
        lines.push(...texts);
      }
    }
    const help = new Recorded(this.config, { all: flags.all });
    if (command === undefined) await help.showHelp(topic === undefined ? [] : [topic.name]);
    else await help.showCommandHelp(command);
    const text = lines.join('\n').trimEnd();
    this.log(text);
    return { text };
  }
}
