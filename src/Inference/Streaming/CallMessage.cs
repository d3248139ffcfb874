using EdgeAssist.Contracts;

namespace EdgeAssist.Inference.Streaming;

/// <summary>What other threads have to say to a call's loop.</summary>
internal abstract record CallMessage
{
    public sealed record LegAdded(LegInfo Leg, AudioPipe Audio) : CallMessage;

    public sealed record Updated(CallInfo Call) : CallMessage;

    /// <summary>What is known of the call's customer, from the look that was begun as the <paramref name="Look"/>th.</summary>
    public sealed record HistoryFound(int Look, CallHistory History) : CallMessage;

    /// <summary>A job of this call has its outcome.</summary>
    public sealed record JobDone(SpeechLeg Leg, RecognitionJob Job) : CallMessage;

    /// <summary>A quarter of a second went by.</summary>
    public sealed record Tick : CallMessage
    {
        public static Tick Instance { get; } = new();
    }

    public sealed record Close(CallEndReason Reason) : CallMessage;
}
