import { PromptState, type AgentMessage, type AssistEvent, type AssistSnapshot, type Prompt } from '../../gen/edgeassist/v1/assist';
import { ms } from '../wire/times';
import type { StreamState, WatchReader } from '../wire/watch';
import { Store } from './store';

/** On the agent's screen, or on its way there. */
export function isOpen(prompt: Prompt): boolean {
  return prompt.state === PromptState.OFFERED || prompt.state === PromptState.SHOWN;
}

export function promptWord(state: PromptState): string {
  switch (state) {
    case PromptState.OFFERED: return 'offered';
    case PromptState.SHOWN: return 'on screen';
    case PromptState.ACCEPTED: return 'used';
    case PromptState.DISMISSED: return 'not used';
    case PromptState.SNOOZED: return 'later';
    case PromptState.EXPIRED: return 'timed out';
    case PromptState.SUPERSEDED: return 'replaced';
    case PromptState.CALL_ENDED: return 'call ended';
    case PromptState.WOULD_BE: return 'not shown (observing)';
    case PromptState.PASSED: return 'not taken up';
    default: return 'unknown';
  }
}

/** Prompts and messages in sight, by call. */
export class Help extends Store implements WatchReader<AssistSnapshot, AssistEvent> {
  readonly prompts = new Map<string, Prompt>();
  readonly messages = new Map<string, AgentMessage>();
  stream: StreamState = { kind: 'connecting' };
  private fresh = false;

  constructor(private readonly onNews: (kind: 'prompt' | 'message') => void = () => {}) {
    super();
  }

  begin(): void {
    this.fresh = true;
  }

  snapshot(item: AssistSnapshot): void {
    if (this.fresh) this.clear();
    if (item.prompt !== undefined) this.putPrompt(item.prompt);
    if (item.message !== undefined) this.putMessage(item.message);
  }

  commit(): void {
    if (this.fresh) this.clear();
    this.touch();
  }

  event(event: AssistEvent): void {
    if (event.kind.oneofKind === 'prompt') this.putPrompt(event.kind.prompt);
    else if (event.kind.oneofKind === 'message') this.putMessage(event.kind.message);
  }

  other(message: { oneofKind: string | undefined }): void {
    if (message.oneofKind !== 'revoked') return;
    const { callId } = (message as unknown as { revoked: { callId: string } }).revoked;
    for (const [id, prompt] of this.prompts) if (prompt.callId === callId) this.prompts.delete(id);
    for (const [id, one] of this.messages) if (one.callId === callId) this.messages.delete(id);
    this.touch();
  }

  state(state: StreamState): void {
    this.stream = state;
    this.touch();
  }

  putPrompt(prompt: Prompt): void {
    const known = this.prompts.get(prompt.promptId);
    if (known !== undefined && known.version > prompt.version) return;
    this.prompts.set(prompt.promptId, prompt);
    if (isOpen(prompt) && (known === undefined || !isOpen(known))) this.onNews('prompt');
    this.touch();
  }

  putMessage(message: AgentMessage): void {
    const known = this.messages.get(message.messageId);
    if (known !== undefined && known.version > message.version) return;
    this.messages.set(message.messageId, message);
    if (known === undefined && message.readAt === undefined) this.onNews('message');
    this.touch();
  }

  /** The one prompt to look at. */
  openOf(callId: string): Prompt | undefined {
    return this.promptsOf(callId).filter(isOpen).at(-1);
  }

  /** Oldest first. */
  promptsOf(callId: string): Prompt[] {
    return [...this.prompts.values()].filter(prompt => prompt.callId === callId).sort((a, b) => (ms(a.offeredAt) ?? 0) - (ms(b.offeredAt) ?? 0));
  }

  /** Oldest first. */
  messagesOf(callId: string): AgentMessage[] {
    return [...this.messages.values()].filter(message => message.callId === callId).sort((a, b) => (ms(a.sentAt) ?? 0) - (ms(b.sentAt) ?? 0));
  }

  private clear(): void {
    this.prompts.clear();
    this.messages.clear();
    this.fresh = false;
  }
}
