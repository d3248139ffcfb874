using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EdgeAssist.AlertRelay.Identity;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>TLS of the relay's listeners: 1.2 and 1.3, certificates that may be renewed in place, and mutual TLS.</summary>
/// <param name="Certificate">Certificate chain, PEM.</param>
/// <param name="Key">Private key, PEM; empty when the certificate's file holds it.</param>
public sealed record RelayTls(string Certificate, string Key)
{
    /// <summary>Null: clients need no certificate.</summary>
    public ClientCertificatePolicy? Clients { get; init; }

    /// <summary>Is told why a renewed certificate could not be used, or a client was refused.</summary>
    public Action<string>? OnTrouble { get; init; }

    /// <summary>Lets the listener speak TLS; HTTP/2 and HTTP/1.1 by ALPN (RFC 7301).</summary>
    /// <exception cref="InvalidDataException">The certificate cannot be used.</exception>
    public void Use(ListenOptions listen, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(listen);
        ArgumentNullException.ThrowIfNull(time);

        var current = new WatchedFile<SslStreamCertificateContext>(Key.Length > 0 ? [Certificate, Key] : [Certificate], Load, OnTrouble);
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = current.Current,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
                ClientCertificateRequired = Clients is not null,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = Clients is null ? null : (_, shown, _, _) => LetIn(Clients, shown, time),
            }),
        });
    }

    private bool LetIn(ClientCertificatePolicy clients, X509Certificate? shown, TimeProvider time)
    {
        var why = clients.Refuse(shown as X509Certificate2, time.GetUtcNow());
        if (why is not null) OnTrouble?.Invoke("A client was refused: " + why + ".");
        return why is null;
    }

    private SslStreamCertificateContext Load()
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(Certificate);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(Certificate, Key.Length > 0 ? Key : null), chain, offline: true);
    }
}
