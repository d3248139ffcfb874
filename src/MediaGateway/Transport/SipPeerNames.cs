using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>The names a certificate gives its holder as a SIP domain (RFC 5922 §7.1).</summary>
internal static class SipPeerNames
{
    private const int MaxNames = 64;
    private static readonly Asn1Tag s_dnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag s_uri = new(TagClass.ContextSpecific, 6);
    private static readonly Asn1Tag s_address = new(TagClass.ContextSpecific, 7);

    /// <summary>
    /// Hosts of the SIP URIs and the DNS names of the subject's alternative names, addresses among them; the common name only when
    /// there are none. Lower case.
    /// </summary>
    public static ImmutableArray<string> Of(X509Certificate2 certificate)
    {
        var extension = certificate.Extensions.FirstOrDefault(item => item.Oid?.Value == "2.5.29.17");
        var names = extension is null ? [] : ReadAlternatives(extension.RawData);
        if (names.Count == 0 && certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } common) names.Add(common);
        return [.. names.Select(name => name.ToLowerInvariant()).Distinct()];
    }

    private static List<string> ReadAlternatives(byte[] der)
    {
        var names = new List<string>();
        try
        {
            var items = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
            while (items.HasData && names.Count < MaxNames)
            {
                var tag = items.PeekTag();
                if (tag == s_dnsName) names.Add(items.ReadCharacterString(UniversalTagNumber.IA5String, s_dnsName));
                else if (tag == s_uri) AddHost(items.ReadCharacterString(UniversalTagNumber.IA5String, s_uri), names);
                else if (tag == s_address) AddAddress(items.ReadOctetString(s_address), names);
                else items.ReadEncodedValue();
            }
        }
        catch (AsnContentException)
        {
            names.Clear();   // names that cannot be read prove nothing
        }

        return names;
    }

    /// <summary>Only a URI without a user part names a domain (RFC 5922 §7.1).</summary>
    private static void AddHost(string text, List<string> names)
    {
        if (Sip.Parsing.SipUriParser.TryParse(text, out var uri) && uri!.User.Length == 0) names.Add(uri.Host);
    }

    private static void AddAddress(byte[] octets, List<string> names)
    {
        if (octets.Length is 4 or 16) names.Add(new IPAddress(octets).ToString());
    }
}
