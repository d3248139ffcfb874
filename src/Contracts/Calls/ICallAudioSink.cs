namespace EdgeAssist.Contracts;

/// <summary>
/// Where the gateway hands calls to analysis: in the same process, or over gRPC in another. Nothing here waits for analysis
/// and nothing throws for what happens behind it: a call goes on whatever becomes of its copy.
/// </summary>
public interface ICallAudioSink
{
    /// <summary>Announces a call. Returns at once.</summary>
    ICallAudio Open(CallInfo call);
}

/// <summary>One call's way into analysis. Members are called from one thread at a time.</summary>
public interface ICallAudio
{
    /// <summary>Adds a leg whose audio comes through <paramref name="audio"/>; the sink becomes the pipe's only reader.</summary>
    void AddLeg(LegInfo leg, AudioPipe audio);

    /// <summary>Tells of changed roles, participants or correlation ids. Media is not touched.</summary>
    void Update(CallInfo call);

    /// <summary>
    /// Ends the call: the pipes were completed before, what they still hold is analysed, last words included. Completes when
    /// the last result was handed on, or when <paramref name="cancellationToken"/> gives up on it.
    /// </summary>
    ValueTask CloseAsync(CallEndReason reason, CancellationToken cancellationToken);
}
