namespace EdgeAssist.Inference.Models;

/// <summary>A model cannot be used, fetched or read. The message says which, why, and what to do; it is fit for a user.</summary>
public sealed class ModelException : Exception
{
    public ModelException(string message) : base(message) { }

    public ModelException(string message, Exception inner) : base(message, inner) { }
}
