namespace EdgeAssist.MediaGateway.Calls;

/// <summary>What somebody may ask of a call's analysis while the call goes on.</summary>
public enum RecordingAction
{
    /// <summary>Analyse, also after a stop.</summary>
    Start = 0,

    /// <summary>Drop the audio until resumed: something is said that must not be heard here, a card number for example.</summary>
    Pause,

    /// <summary>Go on after a pause; after a stop it changes nothing.</summary>
    Resume,

    /// <summary>Drop the audio until started again.</summary>
    Stop,
}

/// <summary>Whether the audio of a call reaches analysis.</summary>
internal enum RecordingState
{
    On = 0,
    Paused,
    Stopped,
}

internal static class RecordingStates
{
    public static RecordingState After(this RecordingState state, RecordingAction action) => (state, action) switch
    {
        (_, RecordingAction.Start) => RecordingState.On,
        (_, RecordingAction.Stop) => RecordingState.Stopped,
        (RecordingState.Paused, RecordingAction.Resume) => RecordingState.On,
        (RecordingState.On, RecordingAction.Pause) => RecordingState.Paused,
        _ => state,
    };
}
