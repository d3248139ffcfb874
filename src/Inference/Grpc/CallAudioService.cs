using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using EdgeAssist.Proto.Mapping;
using Grpc.Core;

namespace EdgeAssist.Inference.Grpc;

/// <summary>
/// <c>edgeassist.internal.v1.CallAudio</c>: one call's audio from a gateway in another process, fed into the same sink that a
/// gateway in this process uses. A stream that breaks ends the call as lost, with the words heard so far.
/// </summary>
internal sealed class CallAudioService(ICallAudioSink sink, TimeProvider time) : CallAudio.CallAudioBase
{
    public override async Task Analyse(IAsyncStreamReader<AudioMessage> requestStream, IServerStreamWriter<AudioReply> responseStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(requestStream);
        ArgumentNullException.ThrowIfNull(responseStream);
        ArgumentNullException.ThrowIfNull(context);

        if (!await requestStream.MoveNext(context.CancellationToken).ConfigureAwait(false)) return;
        var call = new AudioStream(Opening(requestStream.Current), sink);
        var reason = CallEndReason.Lost;
        try
        {
            await responseStream.WriteAsync(new AudioReply { Accepted = new Accepted { Worker = Environment.MachineName } }, context.CancellationToken).ConfigureAwait(false);
            reason = await ReadAsync(requestStream, call, context.CancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Whatever ended the stream, what was heard is analysed; a gateway that is gone is not waited for.
            await call.CloseAsync(reason).ConfigureAwait(false);
        }

        await responseStream.WriteAsync(new AudioReply { Closed = new Closed() }, context.CancellationToken).ConfigureAwait(false);
    }

    private static async Task<CallEndReason> ReadAsync(IAsyncStreamReader<AudioMessage> messages, AudioStream call, CancellationToken cancellationToken)
    {
        while (await messages.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            var message = messages.Current;
            if (message.MessageCase == AudioMessage.MessageOneofCase.Close) return EnumMapping.ToCallEndReason(message.Close.Reason);
            if (call.Take(message) is { } wrong) throw Invalid(wrong);
        }

        throw Invalid("The stream ended without Close.");
    }

    private CallInfo Opening(AudioMessage first)
    {
        if (first is not { MessageCase: AudioMessage.MessageOneofCase.Open, Open.Call.CallId.Length: > 0 and <= 128 })
            throw Invalid("The first message must open a call and name it.");

        var clock = ClockAnchor.Read(time);
        var call = first.Open.Call.ToContract(clock);
        return first.Open.Origin is { } origin ? call with { Origin = clock.ToInstant(origin.ToDateTimeOffset()) } : call;
    }

    private static RpcException Invalid(string why) => new(new Status(StatusCode.InvalidArgument, why));
}
