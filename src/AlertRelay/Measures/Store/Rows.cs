namespace EdgeAssist.AlertRelay.Measures.Store;

/// <summary>Whether a team was shown what is found out about its calls. The numbers are stored.</summary>
internal enum Mode
{
    /// <summary>The baseline: scored and kept, shown to nobody.</summary>
    Observe = 0,
    Assist = 1,
}

/// <summary>What a person said of an alert. The numbers are stored.</summary>
internal enum Verdict
{
    None = 0,
    Right = 1,
    Wrong = 2,
}

/// <summary>
/// A call that ended, as far as measures need it. There is no agent in it: a question about one agent cannot be answered from
/// this store.
/// </summary>
internal sealed record CallRow
{
    public required string CallId { get; init; }

    /// <summary>At the end of the call; empty when no rule says.</summary>
    public required string Team { get; init; }

    public string Trunk { get; init; } = "";

    public required DateTimeOffset Started { get; init; }

    public required DateTimeOffset Ended { get; init; }

    /// <summary>The end was not seen: a crash, a time-out, a shutdown.</summary>
    public bool Lost { get; init; }

    /// <summary>Tells customers apart (<see cref="CustomerKey"/>); null when the number was withheld.</summary>
    public long? Customer { get; init; }

    public required Mode Mode { get; init; }

    /// <summary>The mode changed while it lasted: it belongs to neither side of a comparison.</summary>
    public bool ModeChanged { get; init; }

    public bool Scored { get; init; }

    /// <summary>Changes of agent or team.</summary>
    public int Transfers { get; init; }

    /// <summary>Alerts and would-be alerts.</summary>
    public int Alerts { get; init; }
}

/// <summary>An alert or a would-be alert, as far as measures need it.</summary>
internal sealed record AlertRow
{
    public required string AlertId { get; init; }

    public required string CallId { get; init; }

    public required string Team { get; init; }

    public required Mode Mode { get; init; }

    public required DateTimeOffset Opened { get; init; }

    /// <summary>3 escalated, 4 critical: the worst it reached.</summary>
    public required int Level { get; init; }

    /// <summary>First claim.</summary>
    public DateTimeOffset? Claimed { get; init; }

    /// <summary>First hand on it: a claim, an acknowledgement, an end or a note.</summary>
    public DateTimeOffset? Acted { get; init; }

    /// <summary>Beginning of the first calm that lasted long enough, known when the call has ended; null when there was none.</summary>
    public DateTimeOffset? Calmed { get; init; }

    public Verdict Verdict { get; init; }

    /// <summary>It was on somebody's screen.</summary>
    public bool Shown { get; init; }

    /// <summary>A silence or a graver alert kept it quiet when it opened.</summary>
    public bool Suppressed { get; init; }

    /// <summary>Its team went silent while it stood.</summary>
    public bool Withdrawn { get; init; }
}
