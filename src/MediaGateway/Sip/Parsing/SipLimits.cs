namespace EdgeAssist.MediaGateway.Sip.Parsing;

/// <summary>Ceilings put on a message before anything in it is believed. Ours: the RFCs set none.</summary>
internal sealed record SipLimits
{
    public static SipLimits Default { get; } = new();

    /// <summary>Bytes of the start line and all header fields together.</summary>
    public int MaxHeaderBytes { get; init; } = 32 * 1024;

    /// <summary>Bytes of the body; metadata of the largest conferences seen is a tenth of this.</summary>
    public int MaxBodyBytes { get; init; } = 256 * 1024;

    public int MaxHeaders { get; init; } = 256;

    /// <summary>Characters of one header field, unfolded.</summary>
    public int MaxFieldLength { get; init; } = 16 * 1024;
}
