using BambooOrleans.Components;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Hosting.Validation;

/// <summary>Checks the components, lazy variables and end events that a tree names, and the inputs of those that are known.</summary>
internal static class CodeCheck
{
    public static void Run(PipelineTree tree, UserCode userCode, List<Finding> findings)
    {
        ComponentRegistry registry = userCode.Registry;
        foreach ((PipelineTree pipeline, string path, _) in TreePlaces.Pipelines(tree))
        {
            foreach (TreeActivity activity in pipeline.Activities.Values)
            {
                string place = $"{path}.activities.{activity.Id}";
                if (activity is TreeServiceActivity service)
                {
                    Component(service, $"{place}.component", userCode, findings);
                    Lazy(service.Inputs, $"{place}.component.inputs", registry, findings);
                }
                else if (activity is TreeSubProcess subProcess)
                {
                    Lazy(subProcess.Params, $"{place}.params", registry, findings);
                }
            }

            Lazy(pipeline.Data.Inputs, $"{path}.data.inputs", registry, findings);
            if (pipeline.EndEvent.Type != NodeTypes.EmptyEndEvent && !registry.HasEndEvent(pipeline.EndEvent.Type))
            {
                findings.Add(Unknown("end-event.unknown", $"{path}.end_event.type", $"the end event {pipeline.EndEvent.Type} is not registered"));
            }
        }
    }

    private static void Component(
        TreeServiceActivity activity,
        string place,
        UserCode userCode,
        List<Finding> findings)
    {
        ComponentRegistry registry = userCode.Registry;
        if (!registry.HasComponent(activity.ComponentCode, activity.ComponentVersion))
        {
            findings.Add(registry.HasComponent(activity.ComponentCode)
                ? Unknown("component.unknown", $"{place}.version", $"the component {activity.ComponentCode} has no version {activity.ComponentVersion}")
                : Unknown("component.unknown", $"{place}.code", $"the component {activity.ComponentCode} is not registered; there are {string.Join(", ", registry.Components.Select(component => component.Code))}"));
            return;
        }

        IReadOnlyList<FieldDeclaration> declared = userCode.InputsOf(activity.ComponentCode, activity.ComponentVersion);
        findings.AddRange(declared
            .Where(input => input.Required && !activity.Inputs.ContainsKey(input.Name))
            .Select(input => Unknown(
                "component.input", $"{place}.inputs.{input.Name}", $"is missing: {activity.ComponentCode} needs it ({input.Description})")));

        // One that declares nothing may take anything.
        if (declared.Count == 0 || declared.Any(input => input.Name == "*"))
        {
            return;
        }

        findings.AddRange(activity.Inputs.Keys
            .Where(name => declared.All(input => input.Name != name))
            .Select(name => Finding.Warning(
                "component.unknown-input", $"{place}.inputs.{name}", $"{activity.ComponentCode} takes no input of this name")));
    }

    private static void Lazy(
        IReadOnlyDictionary<string, TreeVariable> variables, string place, ComponentRegistry registry, List<Finding> findings) =>
        findings.AddRange(variables
            .Where(variable => variable.Value.Type == TreeVariableType.Lazy && !registry.HasLazyVariable(variable.Value.CustomType ?? ""))
            .Select(variable => Unknown(
                "lazy-variable.unknown",
                $"{place}.{variable.Key}.custom_type",
                $"the lazy variable {variable.Value.CustomType ?? "(none)"} is not registered")));

    private static Finding Unknown(string code, string place, string message) => new(true, code, place, message);
}
