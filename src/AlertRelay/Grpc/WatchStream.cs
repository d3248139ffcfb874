using EdgeAssist.AlertRelay.Diagnostics;
using EdgeAssist.AlertRelay.Fanout;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;
using Google.Protobuf;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>
/// One Watch stream, from Hello to its end: the stream contract of <c>common.proto</c>. A single loop writes; the sweep and
/// the hub only wake or stop it.
/// </summary>
internal sealed class WatchStream : ISweptStream
{
    private const int JournalChunk = 500;

    private readonly StreamTable _table;
    private readonly StreamDialect _dialect;
    private readonly IServerStreamWriter<WireMessage> _writer;
    private readonly WireMessage _message = new();
    private readonly Caller _caller;
    private readonly byte[] _binding;
    private readonly CancellationToken _gone;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _id = Guid.CreateVersion7().ToString("N");
    private readonly Instant _agesAt;
    private Subscription? _reader;
    private int _end;             // StreamEnd: the sweep, the hub and the loop meet here, the first one wins
    private long _writeBegan;     // ticks; 0: no write under way
    private long _lastWrite;      // ticks
    private long _told;           // offset the reader was last told of
    private bool _snapshotOwed;

    public WatchStream(StreamTable table, StreamDialect dialect, IServerStreamWriter<WireMessage> writer, Caller caller, CancellationToken gone)
    {
        (_table, _dialect, _writer, _caller, _gone) = (table, dialect, writer, caller, gone);
        _binding = ResumeTokens.Binding(dialect.View.Key, caller.Principal);
        var now = Instant.Now(table.Time);
        _lastWrite = now.Ticks;
        _agesAt = now + table.Rules.MaxAge * (1 - 0.1 * Random.Shared.NextDouble());
    }

    /// <summary>Runs until the reader leaves.</summary>
    /// <exception cref="RpcException">Every other end, except a goodbye.</exception>
    public async Task RunAsync(string resumeToken, bool snapshot)
    {
        if (!_table.TryEnter(this, _caller.Principal)) throw RelayStatus.TooManyStreams(_table.Rules.MaxStreamsPerPrincipal);
        _table.Metrics.StreamOpened(_dialect.Service);
        using var wake = _gone.UnsafeRegister(stream => ((WatchStream)stream!).End(StreamEnd.Gone), this);
        try
        {
            var (resumeFrom, owed) = await ReadTokenAsync(resumeToken);
            if (resumeFrom is { } after) await ResumeAsync(after);
            else await BeginAsync(owed ?? snapshot);
            if (_table.Blindness is { } blindness && _dialect is AlertDialect) await EventAsync(AlertDialect.Frame(blindness));
            await FollowAsync();
        }
        catch (OperationCanceledException) when (Ended != StreamEnd.None)
        {
            // The end that was decided elsewhere is told below.
        }
        finally
        {
            _table.Leave(this);
            if (_reader is { } reader)
            {
                _table.Hub.Leave(reader);
                _table.Metrics.Conflated(reader.Conflated);
                reader.Dispose();
            }

            _table.Metrics.StreamClosed(_dialect.Service);
        }

        await SayWhyAsync();
    }

    public void Sweep(Instant now, DateTimeOffset wall)
    {
        if (wall >= _caller.ExpiresAt) End(StreamEnd.Expired);
        var began = Interlocked.Read(ref _writeBegan);
        if (began != 0 && now - new Instant(began) >= _table.Rules.WriteStall)
        {
            End(StreamEnd.Stalled);
            _stopped.TrySetResult();   // also when a goodbye had been meant
        }

        if (now >= _agesAt) End(StreamEnd.Aged);
        if (IsHeartbeatDue(now)) _reader?.Wake();
    }

    public void Drain() => End(StreamEnd.Draining);

    private StreamEnd Ended => (StreamEnd)Volatile.Read(ref _end);

    private string Token => _table.Tokens.Make(_binding, _told, _snapshotOwed);

    private string TokenAt(long offset) => _table.Tokens.Make(_binding, offset);

    /// <summary>Where to go on, or null to begin; then whether the token says that the snapshot is owed, null without a token.</summary>
    private async ValueTask<(long? After, bool? SnapshotOwed)> ReadTokenAsync(string resumeToken)
    {
        if (resumeToken.Length == 0) return (null, null);
        var error = _table.Tokens.TryRead(resumeToken, _binding, out var after, out var owed);
        switch (error)
        {
            case ResumeTokenError.Forged:
                throw RelayStatus.Invalid("The resume token was not made by this relay. Watch anew with a snapshot.", "TOKEN_INVALID");
            case ResumeTokenError.OtherStream:
                throw RelayStatus.Invalid("The resume token belongs to another filter or principal. Use it as it was given, or watch anew.", "TOKEN_OF_OTHER_STREAM");
            case ResumeTokenError.OtherEpoch:
                _table.Metrics.Reset(_dialect.Service, "epoch_changed");
                throw RelayStatus.EpochChanged();
        }

        // A token of another relay on the same log may be ahead of what this one has heard.
        if (after > _table.Journal.Head && _table.Journal is Journal.ISharedJournal shared) await shared.RefreshAsync(_gone);

        // An offset that was never reached: the journal was put back from an older copy.
        if (after > _table.Journal.Head)
        {
            _table.Metrics.Reset(_dialect.Service, "epoch_changed");
            throw RelayStatus.EpochChanged();
        }

        _table.Metrics.Resumed(_dialect.Service);
        return (owed ? null : after, owed);
    }

    private async Task BeginAsync(bool snapshot)
    {
        var joined = _table.Hub.Join(_dialect.View, _table.Rules.MaxPending);
        _reader = joined.Subscription;
        _told = joined.State.Offset;
        _snapshotOwed = snapshot;
        ListenForCut(_reader);
        await HelloAsync();
        if (!snapshot) return;

        foreach (var piece in _dialect.Snapshot(joined.State))
        {
            await SayAsync(piece, _told, snapshotOwed: true);
            _dialect.OnTold(piece, _table.Writer);
        }

        await SayAsync(new V1.SnapshotEnd { Bookmark = _told, ResumeToken = TokenAt(_told) }, _told);
    }

    private async Task ResumeAsync(long after)
    {
        _told = after;
        RefuseTrimmed(after);
        await HelloAsync();
        Joined? joined;
        while ((joined = _table.Hub.TryJoin(_dialect.View, after, _table.Rules.MaxPending)) is null)
        {
            var read = await _table.Journal.ReadAsync(after, JournalChunk, _gone);
            if (read.Count == 0 || read[0].Offset != after + 1) RefuseTrimmed(after);
            foreach (var stored in read) await TellAsync(RelayEventCodec.ToEvent(stored, _table.Journal.Epoch));
            if (read.Count == 0) continue;
            after = read[^1].Offset;
            _told = after;
            if (IsHeartbeatDue(Instant.Now(_table.Time))) await HeartbeatAsync(after);
        }

        _reader = joined.Value.Subscription;
        ListenForCut(_reader);
        foreach (var missed in joined.Value.Missed) await TellAsync(missed);
    }

    private void RefuseTrimmed(long after)
    {
        if (after + 1 >= _table.Journal.Oldest) return;
        _table.Metrics.Reset(_dialect.Service, "history_trimmed");
        throw RelayStatus.HistoryTrimmed(_table.Journal.Oldest);
    }

    private async Task TellAsync(RelayEvent relayEvent)
    {
        if (_dialect.View.Project(relayEvent) is { } frame) await EventAsync(frame);
    }

    private async Task FollowAsync()
    {
        var reader = _reader!;
        while (Ended == StreamEnd.None)
        {
            while (reader.Take() is { } frame)
            {
                if (frame.Event.CommittedAt is { } committed) _table.Metrics.QueueAge(_dialect.Service, _table.Time.GetUtcNow() - committed);
                await EventAsync(frame);
                if (Ended != StreamEnd.None) return;
            }

            var seen = Math.Max(reader.Seen, _told);
            if (IsHeartbeatDue(Instant.Now(_table.Time))) await HeartbeatAsync(seen);
            else if (seen - _told >= _table.Rules.BookmarkEvery) await BookmarkAsync(seen);
            await reader.WaitAsync();
        }
    }

    private Task HelloAsync() => SayAsync(new V1.Hello
    {
        StreamId = _id,
        Epoch = _table.Journal.Epoch,
        Offset = _table.Journal.Head,
        ServerTime = Timestamp.FromDateTimeOffset(_table.Time.GetUtcNow()),
        HeartbeatInterval = Duration.FromTimeSpan(_table.Rules.Heartbeat),
        ResumeToken = Token,
        OldestOffset = _table.Journal.Oldest,
        Limits = new V1.StreamLimits
        {
            MaxPendingEvents = _table.Rules.MaxPending,
            MaxAge = Duration.FromTimeSpan(_table.Rules.MaxAge),
        },
    }, _told, _snapshotOwed);

    private async Task EventAsync(Frame frame)
    {
        // Behind a partial the stream resumes where it was: a partial has no place of its own.
        var place = Math.Max(_told, frame.Event.Offset);
        await WriteAsync(frame.Message is EncodedEvent shared
            ? _message.With(shared, TokenAt(place), _table.Time.GetUtcNow())
            : _message.With(_dialect.Say(Note(frame, TokenAt(place)))), place, snapshotOwed: false);
        _reader?.Written(frame);
        _dialect.OnTold(frame.Event, _table.Writer);
        if (frame.Event.Alert is { Change: V1.AlertChange.Opened or V1.AlertChange.Escalated or V1.AlertChange.Unsilenced } told)
            _table.Writer.Told.Add(new Delivery(told.Alert.AlertId, _caller.Principal.Subject, _table.Time.GetUtcNow()));
    }

    /// <summary>What a frame that is no event says on this stream.</summary>
    private static IMessage Note(Frame frame, string resumeToken) => frame.Message is V1.Revoked revoked ? new V1.Revoked(revoked) { ResumeToken = resumeToken } : (IMessage)frame.Message;

    private Task HeartbeatAsync(long seen) => SayAsync(new V1.Heartbeat
    {
        Offset = seen,
        ServerTime = Timestamp.FromDateTimeOffset(_table.Time.GetUtcNow()),
        ResumeToken = TokenAt(seen),
    }, seen);

    private Task BookmarkAsync(long seen) => SayAsync(new V1.Bookmark { Offset = seen, ResumeToken = TokenAt(seen) }, seen);

    /// <param name="part">What to say.</param>
    /// <param name="told">How far the reader is told with it.</param>
    /// <param name="snapshotOwed">The snapshot is not complete with it.</param>
    private Task SayAsync(IMessage part, long told, bool snapshotOwed = false) => WriteAsync(_message.With(_dialect.Say(part)), told, snapshotOwed);

    private async Task WriteAsync(WireMessage message, long told, bool snapshotOwed)
    {
        if (Ended != StreamEnd.None) throw new OperationCanceledException();
        // From the moment it is written it is on its way: also a write that is given up comes before the status.
        (_told, _snapshotOwed) = (told, snapshotOwed);
        Interlocked.Exchange(ref _writeBegan, Instant.Now(_table.Time).Ticks);
        var write = _writer.WriteAsync(message, CancellationToken.None);
        if (!write.IsCompleted) await Task.WhenAny(write, _stopped.Task);
        if (!write.IsCompleted)
        {
            // Cancelling the write would reset the stream and take the status with it. Left alone, what is buffered goes out
            // when the reader reads again, and then the status.
            _ = write.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new OperationCanceledException();
        }

        await write;
        Interlocked.Exchange(ref _lastWrite, Instant.Now(_table.Time).Ticks);
        Interlocked.Exchange(ref _writeBegan, 0);
    }

    private bool IsHeartbeatDue(Instant now) =>
        now - new Instant(Interlocked.Read(ref _lastWrite)) >= _table.Rules.Heartbeat - _table.Rules.Sweep;

    private void ListenForCut(Subscription reader) =>
        reader.Cut.UnsafeRegister(stream => ((WatchStream)stream!).End(StreamEnd.Slow), this);

    private void End(StreamEnd why)
    {
        if (Interlocked.CompareExchange(ref _end, (int)why, (int)StreamEnd.None) != (int)StreamEnd.None) return;

        // A goodbye lets the write under way finish; every other end gives it up.
        if (why is not (StreamEnd.Draining or StreamEnd.Aged)) _stopped.TrySetResult();
        _reader?.Wake();
    }

    private async Task SayWhyAsync()
    {
        var why = Ended;
        if (why is StreamEnd.Gone or StreamEnd.None) return;

        RelayLog.StreamCut(_table.Logger, _id, _dialect.Service, why.ToString());
        _table.Metrics.Cut(_dialect.Service, why.ToString().ToLowerInvariant());
        switch (why)
        {
            case StreamEnd.Slow or StreamEnd.Stalled:
                throw RelayStatus.TooSlow(Token);
            case StreamEnd.Expired:
                throw RelayStatus.Unauthenticated("The access token has expired. Get a new one and resume.", Token);
            default:
                await GoodbyeAsync(why);
                break;
        }
    }

    private Task GoodbyeAsync(StreamEnd why) => _writer.WriteAsync(_message.With(_dialect.Say(new V1.Goaway
    {
        ResumeToken = Token,
        RetryAfter = Duration.FromTimeSpan(why == StreamEnd.Draining ? TimeSpan.FromSeconds(1) : TimeSpan.Zero),
        Reason = why == StreamEnd.Draining ? "the relay shuts down" : "the stream has reached its age limit",
    })), _gone);

    /// <summary>Why a stream ended.</summary>
    private enum StreamEnd
    {
        None,
        Gone,
        Slow,
        Stalled,
        Expired,
        Aged,
        Draining,
    }
}
