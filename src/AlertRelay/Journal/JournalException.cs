namespace EdgeAssist.AlertRelay.Journal;

/// <summary>Why the journal refused.</summary>
internal enum JournalFault
{
    /// <summary>No room on the disk, or the size limit is reached. Goes away when there is room again.</summary>
    Full,

    /// <summary>The disk or the server behind it fails.</summary>
    Unavailable,

    /// <summary>Another writer appended first, or owns the journal.</summary>
    Conflict,

    /// <summary>What is stored cannot be understood.</summary>
    Damaged,
}

/// <summary>The journal could not do what was asked; the message is a sentence for the operator.</summary>
internal sealed class JournalException(JournalFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public JournalFault Fault { get; } = fault;
}
