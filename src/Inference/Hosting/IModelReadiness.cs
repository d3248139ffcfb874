namespace EdgeAssist.Inference.Hosting;

/// <summary>Whether calls can be understood on this machine.</summary>
public interface IModelReadiness
{
    /// <summary>True when every model is loaded and was tried once.</summary>
    bool IsReady { get; }

    /// <summary>What is missing and what to do about it; empty when ready.</summary>
    string Problem { get; }
}
