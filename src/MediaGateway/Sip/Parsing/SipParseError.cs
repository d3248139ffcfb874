using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.Parsing;

/// <summary>Why bytes are not a SIP message we take. The tag under which they are counted.</summary>
internal enum SipParseError
{
    None = 0,
    Empty,
    TooLarge,
    NoHeaderEnd,
    NotUtf8,
    StartLine,
    Version,
    RequestUri,
    StatusLine,
    HeaderField,
    TooManyHeaders,
    MissingHeader,
    RepeatedHeader,
    Via,
    FromOrTo,
    Contact,
    CallId,
    CSeq,
    MethodMismatch,
    MaxForwards,
    ContentLength,
}

/// <summary>A refusal with what is needed to answer it.</summary>
/// <param name="Error">The reason, for counting.</param>
/// <param name="Why">What is wrong, for the reason phrase: fixed text, nothing of the peer's.</param>
/// <param name="Method">Method of the start line; null when these bytes are not a request, which gets no answer.</param>
/// <param name="Headers">The header fields that could be read, as they were written.</param>
internal sealed record SipParseFailure(SipParseError Error, string Why, SipMethod? Method, SipHeaders Headers)
{
    /// <summary>Status of the start line when the bytes are a response, 0 otherwise.</summary>
    public int ResponseStatus { get; init; }

    /// <summary>The status that answers a request refused for this reason.</summary>
    public int Status => Error switch
    {
        SipParseError.Version => 505,
        SipParseError.TooLarge or SipParseError.TooManyHeaders => 513,
        _ => 400,
    };

    /// <summary>Reason phrase, for example «Bad Request: CSeq number is above 2147483647».</summary>
    public string Phrase => $"{SipResponses.PhraseOf(Status)}: {Why}";
}
