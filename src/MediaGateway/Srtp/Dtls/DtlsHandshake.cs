using Org.BouncyCastle.Tls;

namespace EdgeAssist.MediaGateway.Srtp.Dtls;

/// <summary>What signalling agreed about a leg's handshake.</summary>
/// <param name="Role">Ours: <see cref="DtlsSetup.Active"/> or <see cref="DtlsSetup.Passive"/>.</param>
/// <param name="Peer">The fingerprint in the peer's description.</param>
internal sealed record DtlsPlan(DtlsSetup Role, DtlsFingerprint Peer);

/// <summary>How a handshake ended: with keys, or with a reason for the log.</summary>
internal sealed record DtlsOutcome(SrtpLegKeys? Keys, string Reason);

/// <summary>
/// One DTLS-SRTP handshake of a leg (RFC 5763, 5764) over BouncyCastle. The library blocks, so a handshake has a thread for
/// the tens of milliseconds that it takes; how many at once is limited. A stranger's datagram starts none: the passive side
/// answers with a cookie no longer than what came, and begins when the cookie comes back (RFC 6347 §4.2.1).
/// </summary>
internal sealed class DtlsHandshake : IDisposable
{
    private readonly DtlsIdentity _identity;
    private readonly DtlsPlan _plan;
    private readonly DatagramQueue.Send _send;
    private readonly DatagramQueue _queue;
    private readonly DtlsVerifier? _verifier;
    private readonly TaskCompletionSource<DtlsOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DtlsTransport? _established;
    private bool _started;

    /// <param name="identity">Our certificate.</param>
    /// <param name="plan">Role and fingerprint.</param>
    /// <param name="send">Sends to the leg's peer; called from the handshake's thread and from <see cref="OnDatagram"/>.</param>
    public DtlsHandshake(DtlsIdentity identity, DtlsPlan plan, DatagramQueue.Send send)
    {
        (_identity, _plan, _send) = (identity, plan, send);
        _queue = new DatagramQueue(send);
        if (plan.Role == DtlsSetup.Passive) _verifier = new DtlsVerifier(identity.Crypto);
        else TryStart(request: null);
    }

    public DtlsPlan Plan => _plan;

    /// <summary>Completes once, never faults.</summary>
    public Task<DtlsOutcome> Outcome => _outcome.Task;

    /// <summary>Takes a datagram that is DTLS by its first octet. One thread at a time.</summary>
    /// <param name="datagram">The datagram.</param>
    /// <param name="sender">Where it came from, as octets: what a cookie is bound to.</param>
    public void OnDatagram(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> sender)
    {
        if (!_started && (_verifier is null || !TryBegin(_verifier, datagram, sender))) return;

        _queue.Add(datagram);
        if (Volatile.Read(ref _established) is { } established) ServeLateFlight(established);
    }

    public void Dispose()
    {
        _queue.Close();
        _outcome.TrySetResult(new DtlsOutcome(null, "The leg closed."));
    }

    /// <returns>False while no cookie came back; the datagram that brings it is the request itself and not queued.</returns>
    private bool TryBegin(DtlsVerifier verifier, ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> sender)
    {
        var bounded = new BoundedSender(_send, datagram.Length);
        if (verifier.VerifyRequest(sender.ToArray(), datagram.ToArray(), 0, datagram.Length, bounded) is { } request) TryStart(request);
        return false;
    }

    private void TryStart(DtlsRequest? request)
    {
        if (!_identity.TryEnter())
        {
            if (request is null) _outcome.TrySetResult(new DtlsOutcome(null, "Too many handshakes at once."));
            return;
        }

        _started = true;
        _ = Task.Factory.StartNew(() => Run(request), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void Run(DtlsRequest? request)
    {
        var party = new DtlsParty(_identity, _plan.Peer);
        try
        {
            var transport = request is not null
                ? new DtlsServerProtocol().Accept(new DtlsServerPeer(party), _queue, request)
                : new DtlsClientProtocol().Connect(new DtlsClientPeer(party), _queue);
            Volatile.Write(ref _established, transport);
            if (!_outcome.TrySetResult(new DtlsOutcome(party.Keys, ""))) party.Keys?.Dispose();
        }
        catch (IOException refused)   // TlsFatalAlert and the library's time-out among them
        {
            _outcome.TrySetResult(new DtlsOutcome(null, refused.Message));
        }
        finally
        {
            _identity.Leave();
        }
    }

    /// <summary>A peer that missed our last flight sends its own again; the library answers it out of what it kept.</summary>
    private void ServeLateFlight(DtlsTransport established)
    {
        Span<byte> ignored = stackalloc byte[2_048];
        try
        {
            established.Receive(ignored, 1);
        }
        catch (IOException)
        {
            Volatile.Write(ref _established, null);   // the peer closed, or broke off; the keys stay what they are
        }
    }

    /// <summary>Never more octets to an unproven address than came from it.</summary>
    private sealed class BoundedSender(DatagramQueue.Send send, int limit) : DatagramSender
    {
        public int GetSendLimit() => limit;

        void DatagramSender.Send(byte[] buf, int off, int len) => Forward(buf.AsSpan(off, len));

        void DatagramSender.Send(ReadOnlySpan<byte> buffer) => Forward(buffer);

        private void Forward(ReadOnlySpan<byte> datagram)
        {
            if (datagram.Length <= limit) send(datagram);
        }
    }
}
