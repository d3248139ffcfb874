using System.Net;
using Microsoft.Extensions.Options;

namespace EdgeAssist.Host.Composition;

/// <summary>Settings of the gRPC and web listeners, section <c>Api</c>.</summary>
internal sealed class ApiOptions
{
    public const string Section = "Api";

    /// <summary>gRPC: <c>ADDRESS:PORT</c>, port 0 for any free one. Default <c>127.0.0.1:7443</c>. Outside loopback a certificate is required.</summary>
    public string Listen { get; set; } = "127.0.0.1:7443";

    /// <summary>HTTP/1.1 for health checks and gRPC-Web, <c>ADDRESS:PORT</c>; empty: none. Default <c>127.0.0.1:7480</c>.</summary>
    public string WebListen { get; set; } = "127.0.0.1:7480";

    /// <summary>Certificate chain, PEM. With it both listeners speak TLS 1.2 and 1.3.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>Private key of the certificate, PEM; empty when the certificate's file holds it.</summary>
    public string CertificateKey { get; set; } = "";

    /// <summary>Mutual TLS: authorities of client certificates, PEM; empty: clients need none.</summary>
    public string ClientAuthorities { get; set; } = "";

    /// <summary>Names (SAN DNS) of the client certificates that are let in; empty: all that the authorities signed.</summary>
    public string[] ClientNames { get; set; } = [];

    /// <summary>File with the serial numbers of client certificates that were withdrawn, hexadecimal, one a line; read again when it changes.</summary>
    public string RevokedClients { get; set; } = "";

    public bool HasCertificate => Certificate.Length > 0;
}

/// <summary>Says what is wrong with <see cref="ApiOptions"/> and how to mend it.</summary>
internal sealed class ApiOptionsValidator : IValidateOptions<ApiOptions>
{
    public ValidateOptionsResult Validate(string? name, ApiOptions options)
    {
        List<string> failures = [.. Failures("Api:Listen", options.Listen, options)];
        if (options.WebListen.Length > 0) failures.AddRange(Failures("Api:WebListen", options.WebListen, options));
        foreach (var (key, file) in new[]
        {
            ("Api:Certificate", options.Certificate), ("Api:CertificateKey", options.CertificateKey),
            ("Api:ClientAuthorities", options.ClientAuthorities), ("Api:RevokedClients", options.RevokedClients),
        })
            if (file.Length > 0 && !File.Exists(file)) failures.Add($"{key} is \"{file}\", and there is no such file. Write the path of one.");
        if (options.ClientAuthorities.Length > 0 && !options.HasCertificate)
            failures.Add("Api:ClientAuthorities is set and Api:Certificate is not: client certificates need TLS. Set both.");
        if (options.ClientAuthorities.Length == 0 && (options.ClientNames.Length > 0 || options.RevokedClients.Length > 0))
            failures.Add("Api:ClientNames and Api:RevokedClients mean nothing without Api:ClientAuthorities. Set it to the PEM file of your authority.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(string key, string value, ApiOptions options)
    {
        if (!IPEndPoint.TryParse(value, out var endpoint) || !value.Contains(':', StringComparison.Ordinal))
            yield return $"{key} is \"{value}\". Write ADDRESS:PORT, for example 127.0.0.1:7443.";
        else if (!IPAddress.IsLoopback(endpoint.Address) && !options.HasCertificate)
            yield return $"{key} is \"{value}\", which is reachable from outside, and there is no certificate. Set Api:Certificate (and Api:CertificateKey), or listen on 127.0.0.1.";
    }
}
