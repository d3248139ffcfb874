using System.Collections.Immutable;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// TLS 1.2 and 1.3 for signalling, both sides (RFC 3261 §26.3, RFC 5922), and the files behind it: looked at now and then, read
/// again when one has changed. What cannot be read then is logged and the old one stays. Handshakes run beside each other; the
/// identity is the only thing they share, swapped whole.
/// </summary>
internal sealed class SipTls
{
    private readonly SipTlsSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile SipTlsIdentity _identity;
    private string _version;

    /// <exception cref="InvalidDataException">A file does not hold what it should; the message names it.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public SipTls(SipTlsSettings settings, TimeProvider time, ILogger logger)
    {
        (_settings, _time, _logger) = (settings, time, logger);
        _version = VersionOfFiles();
        _identity = new SipTlsIdentity(settings);
        WarnWhenOld();
    }

    /// <summary>Looks at the files until the token ends it.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        if (!_settings.Files.Any()) return;
        using var timer = new PeriodicTimer(_settings.ReloadInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken)) ReloadWhenChanged();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The listeners close.
        }
    }

    /// <summary>Our side of a connection that a client opened.</summary>
    /// <returns>The stream and the names the client's certificate proves; a null stream when the handshake failed, with the reason in a metric's word.</returns>
    public async Task<(SslStream? Stream, ImmutableArray<string> Names, string Fault)> AcceptAsync(Socket socket, CancellationToken cancellationToken)
    {
        var identity = _identity;
        var judged = new Judgement(identity.AsksClients && _settings.RequireClientCertificate);
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = identity.Certificate,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateRequired = identity.AsksClients,
            AllowRenegotiation = false,
            AllowTlsResume = !identity.AsksClients,   // every client's certificate is judged by today's lists
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                !identity.AsksClients || judged.Take(certificate, sent => identity.JudgeClient(certificate as X509Certificate2, sent, _time.GetUtcNow()), chain),
        };
        return await ShakeAsync(socket, judged, (stream, token) => stream.AuthenticateAsServerAsync(options, token), cancellationToken);
    }

    /// <summary>Our side of a connection that we opened to a server of this name.</summary>
    public async Task<(SslStream? Stream, ImmutableArray<string> Names, string Fault)> ConnectAsync(Socket socket, string name, CancellationToken cancellationToken)
    {
        var identity = _identity;
        var judged = new Judgement(isRequired: true);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = name,
            ClientCertificateContext = identity.Certificate,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
            AllowTlsResume = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                judged.Take(certificate, sent => identity.JudgeServer(certificate as X509Certificate2, sent, name, _time.GetUtcNow()), chain),
        };
        return await ShakeAsync(socket, judged, (stream, token) => stream.AuthenticateAsClientAsync(options, token), cancellationToken);
    }

    private async Task<(SslStream? Stream, ImmutableArray<string> Names, string Fault)> ShakeAsync(
        Socket socket, Judgement judged, Func<SslStream, CancellationToken, Task> shake, CancellationToken cancellationToken)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_settings.HandshakeTimeout);
        try
        {
            await shake(stream, limit.Token);
            return (stream, judged.Names, "");
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or System.ComponentModel.Win32Exception or ObjectDisposedException)
        {
            await stream.DisposeAsync();
            var fault = judged.Fault != SipCertificateFault.None ? $"certificate_{judged.Fault.ToString().ToLowerInvariant()}"
                : e is OperationCanceledException ? "handshake_timeout" : "handshake_failed";
            SipTlsLog.Refused(_logger, fault);
            return (null, [], fault);
        }
    }

    private void ReloadWhenChanged()
    {
        var version = VersionOfFiles();
        if (version == _version) return;
        try
        {
            _identity = new SipTlsIdentity(_settings);
            _version = version;
            SipTlsLog.Reloaded(_logger);
            WarnWhenOld();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            // Half written, perhaps: looked at again at the next tick; until then the old certificate serves.
            SipTlsLog.NotReloaded(_logger, e.Message);
        }
    }

    private void WarnWhenOld()
    {
        if (_identity.GoodUntil <= _time.GetUtcNow()) SipTlsLog.OutOfDate(_logger, _identity.GoodUntil);
    }

    /// <summary>Times and lengths of the files: another text means that one has changed.</summary>
    private string VersionOfFiles() => string.Join('|', _settings.Files.Select(file =>
    {
        var info = new FileInfo(file);
        return info.Exists ? $"{info.LastWriteTimeUtc.Ticks}:{info.Length}" : "-";
    }));

    /// <summary>What the certificate callback found, for the one handshake it belongs to.</summary>
    private sealed class Judgement(bool isRequired)
    {
        public SipCertificateFault Fault { get; private set; }

        public ImmutableArray<string> Names { get; private set; } = [];

        public bool Take(X509Certificate? certificate, Func<X509Certificate2Collection, SipCertificateFault> judge, X509Chain? chain)
        {
            if (certificate is null && !isRequired) return true;
            Fault = judge(chain?.ChainPolicy.ExtraStore ?? []);
            if (Fault == SipCertificateFault.None) Names = SipPeerNames.Of((X509Certificate2)certificate!);
            return Fault == SipCertificateFault.None;
        }
    }
}

/// <summary>Log lines of TLS. No name of a peer stands in them.</summary>
internal static partial class SipTlsLog
{
    [LoggerMessage(2011, LogLevel.Information, "A TLS connection was refused: {Fault}.")]
    public static partial void Refused(ILogger logger, string fault);

    [LoggerMessage(2012, LogLevel.Information, "TLS certificates and lists were read again; new connections use them.")]
    public static partial void Reloaded(ILogger logger);

    [LoggerMessage(2013, LogLevel.Error, "TLS files have changed and cannot be used, so the old ones stay: {Why}")]
    public static partial void NotReloaded(ILogger logger, string why);

    [LoggerMessage(2014, LogLevel.Warning, "The TLS certificate or a revocation list is out of date since {Since:u}.")]
    public static partial void OutOfDate(ILogger logger, DateTimeOffset since);
}
