using System.Text.Json;
using System.Text.Json.Serialization;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Hosting;

/// <summary>
/// A call of a control verb as data: any host turns it into the question to a machine, with the same refusals, and it
/// travels as JSON. A closed set: one case for each verb.
/// </summary>
/// <remarks>
/// Arguments are kept as the caller gave them, missing ones too: what is wrong with them is found by <see cref="Ask"/>, in its order
/// among the refusals. The names below are the verbs' names in the Engine API.
/// </remarks>
/// <param name="Id">The node, sub-process or root pipeline that the verb is about.</param>
/// <param name="Options">What the caller gave besides the verb's arguments; null for nothing.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "verb")]
[JsonDerivedType(typeof(PausePipelineRequest), PausePipelineRequest.Name)]
[JsonDerivedType(typeof(RevokePipelineRequest), RevokePipelineRequest.Name)]
[JsonDerivedType(typeof(ResumePipelineRequest), ResumePipelineRequest.Name)]
[JsonDerivedType(typeof(PauseNodeAppointRequest), PauseNodeAppointRequest.Name)]
[JsonDerivedType(typeof(ResumeNodeAppointRequest), ResumeNodeAppointRequest.Name)]
[JsonDerivedType(typeof(CancelScheduledResumeRequest), CancelScheduledResumeRequest.Name)]
[JsonDerivedType(typeof(RetryNodeRequest), RetryNodeRequest.Name)]
[JsonDerivedType(typeof(RetrySubprocessRequest), RetrySubprocessRequest.Name)]
[JsonDerivedType(typeof(SkipNodeRequest), SkipNodeRequest.Name)]
[JsonDerivedType(typeof(SkipExclusiveGatewayRequest), SkipExclusiveGatewayRequest.Name)]
[JsonDerivedType(typeof(SkipConditionalParallelGatewayRequest), SkipConditionalParallelGatewayRequest.Name)]
[JsonDerivedType(typeof(ForcedFailActivityRequest), ForcedFailActivityRequest.Name)]
[JsonDerivedType(typeof(UpdateNodeOutputsRequest), UpdateNodeOutputsRequest.Name)]
[JsonDerivedType(typeof(CallbackRequest), CallbackRequest.Name)]
[JsonDerivedType(typeof(UpdateContextValuesRequest), UpdateContextValuesRequest.Name)]
public abstract record VerbRequest(string Id, VerbOptions? Options)
{
    /// <summary>The verb's name in the Engine API.</summary>
    [JsonIgnore]
    public string Verb => VerbName;

    /// <summary>Whether it is only to be tried.</summary>
    [JsonIgnore]
    public bool IsDryRun => Options is { DryRun: true };

    private protected abstract string VerbName { get; }

    /// <summary>Makes the question to a machine of the pipeline that the id belongs to.</summary>
    /// <param name="facts">What there is to know of the pipeline.</param>
    /// <param name="request">The number under which the machine answers.</param>
    /// <exception cref="BambooException">The verb is refused before any machine is asked, or an argument cannot be used.</exception>
    public Question Ask(IVerbFacts facts, long request) => QuestionOf(
        facts, new VerbCall(request, Verb, Options?.Operator, Options?.Reason, Options?.ExpectedVersion, Options?.TraceParent));

    /// <summary>The answer where no pipeline has the id: a refusal, or null for a verb that then does nothing.</summary>
    public abstract BambooException? Nowhere();

    /// <summary>
    /// Checks the arguments alone, which <see cref="Ask"/> does too: for a host that has to write the request before it can be asked.
    /// </summary>
    /// <exception cref="InvalidArgumentException">One is missing, or is nested so deep that it cannot be kept.</exception>
    public virtual void CheckArguments()
    {
    }

    /// <summary>The request as JSON, in UTF-8.</summary>
    /// <exception cref="InvalidArgumentException">See <see cref="CheckArguments"/>.</exception>
    public byte[] ToUtf8()
    {
        CheckArguments();
        return JsonSerializer.SerializeToUtf8Bytes(this, VerbRequestJsonContext.Wire.VerbRequest);
    }

    /// <summary>Reads a request. Members that this version does not know are passed over.</summary>
    /// <exception cref="JsonException">It is no request, or of a verb that this version does not know.</exception>
    public static VerbRequest Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, VerbRequestJsonContext.Wire.VerbRequest)
                ?? throw new JsonException("null is no request of a verb");
        }
        catch (NotSupportedException failure)
        {
            // How the serializer says that there is no discriminator.
            throw new JsonException("the JSON does not say under \"verb\" which verb is asked", failure);
        }
    }

    internal abstract Question QuestionOf(IVerbFacts facts, VerbCall call);
}
