import { InterventionState, SupervisionMode, type CapabilitiesResponse, type Intervention } from '../../gen/edgeassist/v1/supervision';

export function modeWord(mode: SupervisionMode): string {
  switch (mode) {
    case SupervisionMode.LISTEN: return 'Listen';
    case SupervisionMode.WHISPER: return 'Whisper';
    case SupervisionMode.BARGE: return 'Barge in';
    case SupervisionMode.TAKE_OVER: return 'Take over';
    default: return 'Unknown';
  }
}

export function isOver(intervention: Intervention): boolean {
  return intervention.state === InterventionState.ENDED;
}

const ENDS: Readonly<Record<string, string>> = {
  left: 'You left the call.', phone_hung_up: 'Your phone hung up.', busy: 'Your phone is busy.', no_answer: 'Your phone was not answered.', refused: 'Your phone refused the call.',
  unreachable: 'Your phone cannot be reached.', phone_lost: 'Your phone was lost.', call_ended: 'The call ended.', media: 'There was no sound from your phone.',
  gateway_lost: 'The gateway was lost.', refused_by_gateway: 'The gateway refused it.',
};

/** How an intervention stands, for its supervisor. */
export function stateSentence(intervention: Intervention): string {
  switch (intervention.state) {
    case InterventionState.REQUESTED: return 'Asking…';
    case InterventionState.CALLING: return 'Calling your phone…';
    case InterventionState.RINGING: return 'Your phone rings…';
    case InterventionState.LISTENING: return 'You listen';
    case InterventionState.WHISPERING: return 'The agent hears you';
    case InterventionState.BARGED: return 'Both hear you';
    case InterventionState.TAKEN_OVER: return 'You have the call';
    case InterventionState.ENDED: return ENDS[intervention.endCause] ?? 'You are no longer on the call.';
    default: return '';
  }
}

/** Why a mode is not possible, in the appliance's own words; empty when it is. */
export function whyNot(can: CapabilitiesResponse | undefined, mode: SupervisionMode): string {
  const capability = can?.modes.find(each => each.mode === mode);
  return capability === undefined || capability.possible ? '' : capability.sentence;
}
