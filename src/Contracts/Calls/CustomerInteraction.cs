namespace EdgeAssist.Contracts;

/// <summary>What happened between a customer and the company.</summary>
public enum InteractionKind
{
    /// <summary>They got in touch: a call, a mail, a chat.</summary>
    Contact = 1,

    /// <summary>A case that was opened for them.</summary>
    Ticket = 2,

    /// <summary>Something they were promised: a call-back, a refund, a visit.</summary>
    Promise = 3,

    /// <summary>Money or goodwill they were given.</summary>
    Credit = 4,

    /// <summary>Something they bought.</summary>
    Order = 5,

    /// <summary>What they answered when they were asked how it went.</summary>
    Satisfaction = 6,
}

/// <summary>How far an interaction has come.</summary>
public enum InteractionState
{
    /// <summary>It is over the moment it happens (a contact, an answer), or the source does not say.</summary>
    None = 0,

    /// <summary>Not finished: an open ticket, a promise that is neither kept nor broken by word of its source.</summary>
    Open = 1,

    /// <summary>Finished.</summary>
    Closed = 2,

    /// <summary>A promise that was kept.</summary>
    Kept = 3,

    /// <summary>A promise that was not kept.</summary>
    Broken = 4,
}

/// <summary>One thing that happened, as the system it comes from tells it. Personal data: print with care.</summary>
public sealed record CustomerInteraction
{
    /// <summary>The system that knows it, for example <c>crm</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Its id there, unique within <see cref="Source"/>: what a suggestion that rests on it cites.</summary>
    public required string SourceId { get; init; }

    public required InteractionKind Kind { get; init; }

    public InteractionState State { get; init; }

    /// <summary>When it happened or began.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>By when a promise is to be kept; null when there is no such time.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When it was finished; null while it is not, or when the source does not say.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>What it is about, the same for all that belongs together: a case or order number. Empty when the source does not say.</summary>
    public string Matter { get; init; } = "";

    /// <summary>How it came about: <c>phone</c>, <c>mail</c>, <c>chat</c>, … Empty when the source does not say.</summary>
    public string Channel { get; init; } = "";

    /// <summary>A line for people, as far as the operator keeps it. Empty when they do not.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Money, in <see cref="Currency"/>; null when it is not about money.</summary>
    public decimal? Amount { get; init; }

    /// <summary>ISO 4217, for example <c>EUR</c>; empty without an amount.</summary>
    public string Currency { get; init; } = "";

    /// <summary>A satisfaction, 0 (worst) to 1 (best); null when nobody answered.</summary>
    public double? Rating { get; init; }

    /// <summary>The moment up to which its source is known to be told.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>
    /// Whether a promise stands unkept at a moment: its source says so, or its time has passed and nobody said that it was kept.
    /// </summary>
    public bool IsBrokenAt(DateTimeOffset now) => Kind == InteractionKind.Promise
        && (State == InteractionState.Broken || (State == InteractionState.Open && DueAt < now));
}
