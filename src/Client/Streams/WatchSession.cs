using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Grpc.Core;

namespace EdgeAssist.Client.Streams;

/// <summary>
/// One watch over all its connections: opens, reads, notices a dead peer, resumes. Read by one caller at a time; nothing
/// runs while nobody reads, so a slow caller is felt by the server, which knows how to deal with it.
/// </summary>
internal sealed class WatchSession<TResponse, TSnapshot, TEvent>(
    WatchDialect<TResponse, TSnapshot, TEvent> dialect, ConnectionSource connections, bool wantsSnapshot, EdgeAssistClientOptions options) : IAsyncDisposable
    where TResponse : IMessage<TResponse>
    where TSnapshot : class
    where TEvent : class
{
    private const int MissedHeartbeats = 3;

    private readonly Queue<WatchItem<TSnapshot, TEvent>> _ready = new();
    private readonly WatchProgress _progress = new(wantsSnapshot);
    private readonly Backoff _backoff = new(options.MinBackoff, options.MaxBackoff, Random.Shared);
    private Connection? _connection;
    private string _refusedToken = "";
    private TimeSpan _notBefore;

    /// <summary>The next thing to tell. Ends only by cancellation or a fatal error.</summary>
    /// <exception cref="EdgeAssistException">Trying again would not help.</exception>
    public async ValueTask<WatchItem<TSnapshot, TEvent>> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_ready.TryDequeue(out var item)) return item;
            cancellationToken.ThrowIfCancellationRequested();
            if (_connection is null) await ConnectAsync(cancellationToken);
            else await ReadAsync(_connection, cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        Disconnect();
        return ValueTask.CompletedTask;
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var pause = _backoff.Next();
        if (_notBefore > pause) pause = _notBefore;
        _notBefore = TimeSpan.Zero;
        if (pause > TimeSpan.Zero) await Task.Delay(pause, options.Time, cancellationToken);

        var opened = await connections.OpenAsync(cancellationToken);
        var call = dialect.Open(opened.Invoker, _progress.ResumeToken, _progress.AskSnapshot, opened.Options(cancellationToken));
        _connection = new Connection(opened, call, options.HelloTimeout);
    }

    private async Task ReadAsync(Connection connection, CancellationToken cancellationToken)
    {
        try
        {
            var moved = await connection.MoveNextAsync(options.Time, cancellationToken);
            switch (moved)
            {
                case Moved.Message:
                    Interpret(connection, WatchDialect<TResponse, TSnapshot, TEvent>.Part(connection.Call.ResponseStream.Current));
                    break;
                case Moved.Quiet:
                    _ready.Enqueue(new WatchItem<TSnapshot, TEvent>.Connection(ConnectionState.Stale, "Nothing was heard from the relay for longer than a heartbeat takes."));
                    break;
                case Moved.Dead:
                    Lost($"Nothing was heard from the relay for {MissedHeartbeats} heartbeats; connecting anew.");
                    break;
                default:
                    Lost("The relay ended the stream; connecting anew.");
                    break;
            }
        }
        catch (RpcException error)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Refused(connection, error);
        }
    }

    private void Interpret(Connection connection, object? part)
    {
        if (connection.WasQuiet) _ready.Enqueue(new WatchItem<TSnapshot, TEvent>.Connection(ConnectionState.Connected, "The relay is heard again."));
        connection.Heard();
        switch (part)
        {
            case V1.Hello hello:
                Greet(connection, hello);
                break;
            case TEvent watched:
                Take(watched);
                break;
            case TSnapshot piece:
                _progress.OnSnapshot();
                _ready.Enqueue(new WatchItem<TSnapshot, TEvent>.Snapshot(piece));
                break;
            case V1.SnapshotEnd end:
                _progress.OnSnapshotEnd(end);
                _ready.Enqueue(new WatchItem<TSnapshot, TEvent>.SnapshotEnd(end.Bookmark));
                break;
            case V1.Revoked revoked:
                if (_progress.OnRevoked(revoked)) _ready.Enqueue(new WatchItem<TSnapshot, TEvent>.Revoked(revoked.CallId));
                break;
            case V1.Blindness blindness:
                _ready.Enqueue(new WatchItem<TSnapshot, TEvent>.Blind(blindness.Missing, blindness.Sentence));
                break;
            case V1.Goaway goaway:
                _progress.OnToken(goaway.ResumeToken);
                _notBefore = goaway.RetryAfter?.ToTimeSpan() ?? TimeSpan.Zero;
                break;
            case V1.Bookmark bookmark:
                _progress.OnToken(bookmark.ResumeToken);
                break;
            case V1.Heartbeat heartbeat:
                _progress.OnToken(heartbeat.ResumeToken);
                break;
        }
    }

    private void Greet(Connection connection, V1.Hello hello)
    {
        _progress.OnHello(hello);
        _backoff.Succeeded();
        if (hello.HeartbeatInterval?.ToTimeSpan() is { } interval && interval > TimeSpan.Zero) connection.Expect(interval, MissedHeartbeats);
        _ready.Enqueue(new WatchItem<TSnapshot, TEvent>.Connection(ConnectionState.Connected, "The stream is open."));
    }

    private void Take(TEvent watched)
    {
        var place = dialect.Place(watched);
        if (!_progress.OnEvent(place)) return;
        if (connections.SameClock && place.Latency is { } latency) ClientHop.Add(latency, options.Time.GetUtcNow());
        _ready.Enqueue(new WatchItem<TSnapshot, TEvent>.Event(watched));
    }

    private void Refused(Connection connection, RpcException error)
    {
        _progress.OnToken(RelayFailure.ResumeToken(error));
        if (error.StatusCode == StatusCode.OutOfRange)
        {
            Disconnect();
            _progress.OnOutOfRange();
            _ready.Enqueue(new WatchItem<TSnapshot, TEvent>.Reset(RelayFailure.Reason(error)));
            return;
        }

        // A token that came from a source may have been renewed since; the same one again would be refused again.
        if (error.StatusCode == StatusCode.Unauthenticated && connections.CanRenew && connection.Token != _refusedToken)
        {
            _refusedToken = connection.Token;
            Lost("The access token was refused; connecting with a new one.");
            return;
        }

        if (RelayFailure.IsFatal(error))
        {
            Disconnect();
            throw RelayFailure.Explain(error);
        }

        Lost($"The connection to the relay was lost ({error.Status.Detail}); connecting anew.");
    }

    private void Lost(string sentence)
    {
        if (_connection is { } lost) connections.MoveOn(lost.Opened);
        Disconnect();
        _ready.Enqueue(new WatchItem<TSnapshot, TEvent>.Connection(ConnectionState.Reconnecting, sentence));
        if (_progress.TakeInterruptedSnapshot()) _ready.Enqueue(new WatchItem<TSnapshot, TEvent>.Reset("SNAPSHOT_INTERRUPTED"));
    }

    private void Disconnect()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private enum Moved
    {
        Message,
        Ended,
        Quiet,
        Dead,
    }

    /// <summary>One stream on a connection of its own: when the peer is gone, nothing else hangs on it.</summary>
    [SuppressMessage("Design", "CA1001", Justification = "The call is disposed of in Dispose.")]
    private sealed class Connection(OpenConnection opened, AsyncServerStreamingCall<TResponse> call, TimeSpan helloTimeout) : IDisposable
    {
        private Task<bool>? _move;
        private TimeSpan _quietAfter = helloTimeout;
        private TimeSpan _deadAfter = helloTimeout;

        public AsyncServerStreamingCall<TResponse> Call { get; } = call;

        public OpenConnection Opened => opened;

        public string Token => opened.Token;

        public bool WasQuiet { get; private set; }

        public void Heard() => WasQuiet = false;

        /// <summary>Dead a tenth of a heartbeat before the last of the <paramref name="missed"/> ones is due: what is promised is noticed by then.</summary>
        public void Expect(TimeSpan heartbeat, int missed) => (_quietAfter, _deadAfter) = (heartbeat * 1.5, heartbeat * (missed - 0.1));

        public async Task<Moved> MoveNextAsync(TimeProvider time, CancellationToken cancellationToken)
        {
            _move ??= Call.ResponseStream.MoveNext(cancellationToken);
            var patience = WasQuiet ? _deadAfter - _quietAfter : _quietAfter;
            if (!_move.IsCompleted)
            {
                using var heard = new CancellationTokenSource();
                await Task.WhenAny(_move, Task.Delay(patience, time, heard.Token));
                await heard.CancelAsync();
            }

            if (!_move.IsCompleted)
            {
                if (WasQuiet || _quietAfter >= _deadAfter) return Moved.Dead;
                WasQuiet = true;
                return Moved.Quiet;
            }

            var moved = await _move;
            _move = null;
            return moved ? Moved.Message : Moved.Ended;
        }

        public void Dispose()
        {
            Call.Dispose();

            // The read that hung ends with its call; its error has been told in other words.
            _ = _move?.ContinueWith(static read => _ = read.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            opened.Dispose();
        }
    }
}
