namespace EdgeAssist.Contracts;

/// <summary>Who speaks on a leg. Comes from signalling, never from who spoke first; what is not known stays unknown.</summary>
public enum PartyRole
{
    Unknown = 0,
    Customer = 1,
    Agent = 2,

    /// <summary>Both parties on one stream, as some recording clients send it.</summary>
    Mixed = 3,
}

/// <summary>What the role of a leg rests on, strongest first.</summary>
public enum RoleEvidence
{
    None = 0,

    /// <summary>An operator or a client said so during the call.</summary>
    Correction = 1,

    /// <summary>The recording metadata names the participant, and a rule of the trunk says which side that address is.</summary>
    Metadata = 2,

    /// <summary>The media label carries the side (a vendor's convention).</summary>
    Label = 3,

    /// <summary>The position of the media line, by the trunk's rule.</summary>
    Position = 4,
}
