namespace EdgeAssist.MediaGateway.Srtp.Dtls;

/// <summary><c>a=setup</c> (RFC 4145 §4, RFC 5763 §5): who begins the handshake.</summary>
internal enum DtlsSetup
{
    /// <summary>The writer begins.</summary>
    Active = 0,

    /// <summary>The writer waits.</summary>
    Passive,

    /// <summary>The answerer chooses; only in offers.</summary>
    ActPass,
}

/// <summary>Reading, writing and answering <c>a=setup</c>.</summary>
internal static class DtlsSetups
{
    /// <summary>Reads a value; null for <c>holdconn</c> and what is none.</summary>
    public static DtlsSetup? Parse(ReadOnlySpan<char> value) => value.Trim() switch
    {
        var text when text.Equals("active", StringComparison.OrdinalIgnoreCase) => DtlsSetup.Active,
        var text when text.Equals("passive", StringComparison.OrdinalIgnoreCase) => DtlsSetup.Passive,
        var text when text.Equals("actpass", StringComparison.OrdinalIgnoreCase) => DtlsSetup.ActPass,
        _ => null,
    };

    extension(DtlsSetup setup)
    {
        public string Write() => setup switch { DtlsSetup.Active => "active", DtlsSetup.Passive => "passive", _ => "actpass" };

        /// <summary>What we answer to this offer: where the choice is ours we begin, which saves a round trip (RFC 5763 §5).</summary>
        public DtlsSetup Answer() => setup == DtlsSetup.Active ? DtlsSetup.Passive : DtlsSetup.Active;
    }
}
