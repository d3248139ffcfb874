using System.Collections.Immutable;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;

namespace EdgeAssist.MediaGateway.Siprec.Profiles;

/// <summary>A key of another system, and where a client writes it.</summary>
internal sealed record CorrelationRule : ProfileText
{
    /// <summary>Name among <see cref="CallInfo.CorrelationIds"/>.</summary>
    public required string Key { get; init; }
}

/// <summary>A mark that says whose voice a session with one audio line carries.</summary>
internal sealed record RoleMark : ProfileText
{
    public required PartyRole Role { get; init; }
}

/// <summary>How a client starts, pauses, resumes and stops recording inside a session.</summary>
internal sealed record ControlRule
{
    /// <summary>Header field of an INFO whose value, up to its first semicolon, is the word.</summary>
    public required string Header { get; init; }

    /// <summary>Word to action, words without case.</summary>
    public required ImmutableDictionary<string, RecordingAction> Actions { get; init; }
}

/// <summary>
/// What is particular to one make of recording client, as data: by what it is known, which keys it brings, how it marks roles and
/// controls recording. What all bodies of all makes look like is read the same way whoever sends them; no profile is needed for it.
/// </summary>
internal sealed record VendorProfile
{
    public required string Name { get; init; }

    /// <summary>For people: what is odd about it.</summary>
    public string About { get; init; } = "";

    /// <summary>Any of them says that a session is of this make. None: only a trunk can say it.</summary>
    public ImmutableArray<ProfileText> Signs { get; init; } = [];

    /// <summary>In order; a later one that finds something replaces what an earlier one found for the same key.</summary>
    public ImmutableArray<CorrelationRule> Correlation { get; init; } = [];

    public ImmutableArray<RoleMark> Roles { get; init; } = [];

    /// <summary>Null: the common one.</summary>
    public ControlRule? Control { get; init; }

    public bool Matches(in ProfileSubject subject)
    {
        foreach (var sign in Signs)
            if (sign.Read(subject) is not null) return true;
        return false;
    }

    /// <summary>The role a mark gives, unknown without one.</summary>
    public PartyRole RoleOf(in ProfileSubject subject)
    {
        foreach (var mark in Roles)
            if (mark.Read(subject) is not null) return mark.Role;
        return PartyRole.Unknown;
    }

    /// <summary>The action an INFO asks for, null for none.</summary>
    public RecordingAction? ActionOf(Sip.Messages.SipRequest info)
    {
        if (Control is not { } control || info.Headers.First(control.Header) is not { } value) return null;
        var word = value.Split(';')[0].Trim().Trim('\'', '"');
        foreach (var (known, action) in control.Actions)
            if (known.Equals(word, StringComparison.OrdinalIgnoreCase)) return action;
        return null;
    }

    /// <summary>This profile on top of what holds for all.</summary>
    public VendorProfile Over(VendorProfile common) => this with
    {
        Correlation = [.. common.Correlation, .. Correlation], Control = Control ?? common.Control,
    };

    /// <summary>What is wrong with it, null for nothing.</summary>
    public string? Fault()
    {
        if (Name.Length == 0) return "a profile has no name";
        foreach (var text in (IEnumerable<ProfileText>)[.. Signs, .. Correlation, .. Roles])
            if (text.Fault() is { } fault) return $"profile '{Name}': {fault}";
        return Control?.Actions.Values.Any(action => !Enum.IsDefined(action)) == true ? $"profile '{Name}': an action is unknown" : null;
    }
}
