using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Transactions;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>Binds the RTP sockets of a call to place.</summary>
internal delegate IRtpPlayout RtpPlayoutFactory(IPAddress local, int streams);

/// <summary>
/// A recording client (RFC 7866 §6.1): places a recorded call as a session border controller does, plays its streams in real
/// time and ends it. Whatever goes wrong on the way comes back as a result with a sentence.
/// </summary>
public sealed class RecordingClient
{
    private readonly TimeProvider _time;
    private readonly SipChannelFactory _connect;
    private readonly RtpPlayoutFactory _bind;
    private readonly DigestIdentity? _identity;

    internal RecordingClient(TimeProvider time, SipChannelFactory connect, RtpPlayoutFactory bind, DigestIdentity? identity = null)
    {
        (_time, _connect, _bind, _identity) = (time, connect, bind, identity);
    }

    /// <summary>Places the call and returns when it is over. The token stops it: CANCEL before the answer, BYE after it.</summary>
    /// <exception cref="ArgumentException">The plan has no streams, or more than eight.</exception>
    public async Task<RecordingCallResult> PlaceAsync(RecordingCallPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Streams.Length is < 1 or > 8) throw new ArgumentException("A call has one to eight streams.", nameof(plan));

        var inputs = Channel.CreateBounded<SipMessage?>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
        try
        {
            await using var channel = await _connect(plan.Transport, plan.Target, inputs.Writer, cancellationToken);
            await using var playout = _bind(channel.Flow.Local.Address, plan.Streams.Length);
            return await PlaceAsync(plan, channel, playout, inputs, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return Failed(0, "", $"The call could not be placed: {e.Message}");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Failed(0, "", "The call was given up before the server could be reached.");
        }
    }

    private async Task<RecordingCallResult> PlaceAsync(
        RecordingCallPlan plan, ISipChannel channel, IRtpPlayout playout, Channel<SipMessage?> inputs, CancellationToken cancellationToken)
    {
        var callId = NewToken() + "@" + channel.Flow.Local.Address;
        var invite = RecordingOffer.Make(plan, channel.Flow, playout.LocalPorts, callId, NewToken, _time.GetUtcNow());
        var client = new UserAgentClient(invite, channel.Flow, SipTimers.Default, NewToken, Instant.Now(_time),
            _identity is null ? null : new DigestClient(_identity, NewToken));
        var session = new ClientSession(client, channel, inputs, _time);
        var running = session.RunAsync();
        using var stop = cancellationToken.Register(session.Stop);
        try
        {
            return await PlayAsync(plan, session, client, playout, callId, cancellationToken);
        }
        finally
        {
            session.Stop();
            await running;
        }
    }

    private async Task<RecordingCallResult> PlayAsync(
        RecordingCallPlan plan, ClientSession session, UserAgentClient client, IRtpPlayout playout, string callId, CancellationToken cancellationToken)
    {
        var answer = await session.Answered;
        if (answer is null) return Failed(0, callId, WhyUnanswered(plan, session, cancellationToken));
        if (!answer.IsSuccess) return Failed(answer.Status, callId, $"The server refused the call: {answer.Status} {answer.ReasonPhrase}");
        Tell(plan, RecordingCallStep.Answered);

        if (!TryReadAnswer(plan, answer, out var streams, out var fault))
        {
            session.Stop();
            await session.Ended;
            return Failed(answer.Status, callId, fault);
        }

        Tell(plan, RecordingCallStep.MediaStarted);
        var played = await PlayUntilEndedAsync(session, playout, streams, cancellationToken);
        Tell(plan, RecordingCallStep.MediaEnded);

        session.Stop();
        await session.Ended;
        Tell(plan, RecordingCallStep.Ended);
        return Finished(plan, client, answer.Status, callId, played);
    }

    private static string WhyUnanswered(RecordingCallPlan plan, ClientSession session, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return "The call was given up before the server answered it.";
        return session.IsLost
            ? $"The server at {plan.Target} closed the connection before it answered the call."
            : $"Nothing answered at {plan.Target} ({plan.Transport}): no SIP server listens there, or it is out of reach.";
    }

    /// <summary>Plays until the streams end, the server says BYE, or the caller has had enough.</summary>
    private static async Task<ImmutableArray<PlayoutResult>> PlayUntilEndedAsync(
        ClientSession session, IRtpPlayout playout, ImmutableArray<PlayoutStream> streams, CancellationToken cancellationToken)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var playing = playout.PlayAsync(streams, source.Token);
        await Task.WhenAny(playing, session.Ended);
        if (!playing.IsCompleted) await source.CancelAsync();
        return await playing;
    }

    private static RecordingCallResult Finished(
        RecordingCallPlan plan, UserAgentClient client, int status, string callId, ImmutableArray<PlayoutResult> played) => new()
    {
        Succeeded = client.ByeAnswered,
        Sentence = client switch
        {
            { ByeAnswered: true } => "The call was played and ended.",
            { EndedByPeer: true } => "The server ended the call before it was played to its end.",
            _ => "The call was played, but the server did not confirm its end: it went away, or its answers were lost.",
        },
        Status = status,
        CallId = callId,
        Streams = [.. plan.Streams.Zip(played, (stream, sent) => new RecordingCallStreamResult(stream.Label, sent.Packets, sent.StartedAt))],
    };

    /// <summary>Finds where each stream goes by the answer's m-lines.</summary>
    private static bool TryReadAnswer(RecordingCallPlan plan, SipResponse answer, out ImmutableArray<PlayoutStream> streams, out string fault)
    {
        streams = [];
        fault = "";
        if (RecordingBody.Read(answer, out var body) is var wrong && (wrong is not null || body.Sdp is null))
        {
            fault = $"The server's answer cannot be used: {wrong?.Why ?? "it has no SDP"}.";
            return false;
        }

        var sdp = body.Sdp!;
        if (sdp.Media.Length != plan.Streams.Length)
        {
            fault = $"The server answered {sdp.Media.Length} media lines to an offer of {plan.Streams.Length}.";
            return false;
        }

        for (var i = 0; i < plan.Streams.Length; i++)
        {
            var media = sdp.Media[i];
            var isTaken = media.Port != 0 && media.DirectionIn(sdp) != SdpDirection.Inactive && media.AddressIn(sdp) is not null;
            var remote = new IPEndPoint(media.AddressIn(sdp) ?? IPAddress.Loopback, media.Port);

            // A refused stream keeps its place and has nothing to play.
            streams = streams.Add(new PlayoutStream(remote, plan.Streams[i].PayloadType,
                isTaken ? plan.Streams[i].Encoded : default, BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4))));
        }

        if (streams.All(stream => stream.Encoded.IsEmpty)) fault = "The server took the call but none of its streams.";
        return fault.Length == 0;
    }

    private void Tell(RecordingCallPlan plan, RecordingCallStep step) => plan.Progress?.Invoke(step, _time.GetUtcNow());

    private static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));

    private static RecordingCallResult Failed(int status, string callId, string sentence) =>
        new() { Succeeded = false, Sentence = sentence, Status = status, CallId = callId };
}
